#include "fairfight/base/environment.h"

#include <dlfcn.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

/// Null where OpenBLAS is not the process's BLAS.
extern "C" char* openblas_get_corename() __attribute__((weak));

namespace fairfight {
namespace {

bool settle(const char* name, const char* value) { return !std::getenv(name) && setenv(name, value, 1) == 0; }

bool settle_waits() {
  const bool policy = settle("OMP_WAIT_POLICY", "passive"), spins = settle("GOMP_SPINCOUNT", "10000");
  return policy || spins;
}

#if defined(__x86_64__)
bool has_avx512() { return __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq"); }
bool has_avx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
#else
bool has_avx512() { return false; }
bool has_avx2() { return false; }
#endif

/// `corename` is OpenBLAS' own answer, or null.
bool settle_core(char* (*corename)()) {
  if (!corename || std::string_view(corename()) != "Prescott" || !has_avx2()) return false;
  return settle("OPENBLAS_CORETYPE", has_avx512() ? "SkylakeX" : "Haswell");
}

}  // namespace

void settle_environment(char** arguments) {
  bool restarts = settle_waits();
  restarts |= settle_core(openblas_get_corename);
  if (has_avx512()) setenv("ATEN_CPU_CAPABILITY", "avx512", 0);
  if (restarts) execv("/proc/self/exe", arguments);
}

void settle_environment_of_engine() {
  settle_waits();
  if (std::getenv("OPENBLAS_CORETYPE") || !has_avx2()) return;
  void* const openblas = dlopen("libopenblas.so.0", RTLD_LAZY | RTLD_LOCAL);
  if (openblas) settle_core(reinterpret_cast<char* (*)()>(dlsym(openblas, "openblas_get_corename")));
}

}  // namespace fairfight
