#pragma once

namespace fairfight {

/// Sets what the numerical libraries read from the environment, as far as the user has not; first thing in main(). ATen takes AVX-512 only
/// when reported to, and asks when it first computes. The others ask while they are loaded, so for them the program starts itself once more:
/// libgomp for its wait policy (active waits fight the threads of a pthread OpenBLAS and are 10 times slower, purely passive ones cost a
/// training step a fifth, so threads spin for some microseconds and then sleep), and Debian's OpenBLAS (0.3.21), which multiplies with SSE3
/// on a CPU that is younger than itself (a Xeon of 2023: at a fifth of the speed, as `bench_products` shows with OPENBLAS_CORETYPE=Prescott).
void settle_environment(char** arguments);

/// The same for a small program that is about to start the one that computes, which then need not start itself once more: what OpenBLAS takes the CPU for is
/// asked of that library alone, in milliseconds.
void settle_environment_of_engine();

}  // namespace fairfight
