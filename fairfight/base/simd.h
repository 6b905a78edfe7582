#pragma once

/// Compiles a hot loop for several instruction sets and picks one at load time: the binary stays portable.
/// (No -ffast-math: it turned exp(big) into NaN. Reductions ask for `#pragma omp simd reduction`.)
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define FAIRFIGHT_SIMD __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define FAIRFIGHT_SIMD
#endif
