#include "fairfight/base/environment.h"

#include <unistd.h>

#include <cstdlib>
#include <string_view>

/// Null where OpenBLAS is not the process's BLAS.
extern "C" char* openblas_get_corename() __attribute__((weak));

namespace fairfight {

void settle_environment(char** arguments) {
  bool restarts = false;
  const auto settle = [&](const char* name, const char* value) {
    if (!std::getenv(name)) restarts |= setenv(name, value, 1) == 0;
  };
  settle("OMP_WAIT_POLICY", "passive");
  settle("GOMP_SPINCOUNT", "10000");
#if defined(__x86_64__)
  const bool avx512 = __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq");
  if (openblas_get_corename && std::string_view(openblas_get_corename()) == "Prescott" && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    settle("OPENBLAS_CORETYPE", avx512 ? "SkylakeX" : "Haswell");
  if (avx512) setenv("ATEN_CPU_CAPABILITY", "avx512", 0);
#endif
  if (restarts) execv("/proc/self/exe", arguments);
}

}  // namespace fairfight
