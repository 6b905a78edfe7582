#pragma once

namespace fairfight {

/// The part of it that libgomp reads, for a program that is about to start another one. Whether anything was set.
bool settle_waits();

/// Sets what the numerical libraries read from the environment, as far as the user has not; first thing in main(). ATen takes AVX-512 only
/// when reported to, and asks when it first computes. The others ask while they are loaded, so for them the program starts itself once more:
/// libgomp for its wait policy (active waits fight the threads of a pthread OpenBLAS and are 10 times slower, purely passive ones cost a
/// training step a fifth, so threads spin for some microseconds and then sleep), and Debian's OpenBLAS (0.3.21), which multiplies with SSE3
/// on a CPU that is younger than itself (a Xeon of 2023: at a fifth of the speed, as `bench_products` shows with OPENBLAS_CORETYPE=Prescott).
void settle_environment(char** arguments);

}  // namespace fairfight
