#include "fuzz/targets.h"

// One source for all: FAIRFIGHT_FUZZ_TARGET is the function of targets.h that this binary is built for.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  fairfight::fuzz::FAIRFIGHT_FUZZ_TARGET({reinterpret_cast<const char*>(data), size});
  return 0;
}
