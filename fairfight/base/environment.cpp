#include "fairfight/base/environment.h"

#include <unistd.h>

#include <cstdlib>
#include <string_view>

/// Null where OpenBLAS is not the process's BLAS.
extern "C" char* openblas_get_corename() __attribute__((weak));

namespace fairfight {
namespace {

bool settle(const char* name, const char* value) { return !std::getenv(name) && setenv(name, value, 1) == 0; }

}  // namespace

bool settle_waits() {
  const bool policy = settle("OMP_WAIT_POLICY", "passive"), spins = settle("GOMP_SPINCOUNT", "10000");
  return policy || spins;
}

void settle_environment(char** arguments) {
  bool restarts = settle_waits();
#if defined(__x86_64__)
  const bool avx512 = __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq");
  if (openblas_get_corename && std::string_view(openblas_get_corename()) == "Prescott" && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    restarts |= settle("OPENBLAS_CORETYPE", avx512 ? "SkylakeX" : "Haswell");
  if (avx512) setenv("ATEN_CPU_CAPABILITY", "avx512", 0);
#endif
  if (restarts) execv("/proc/self/exe", arguments);
}

}  // namespace fairfight
