#include <jemalloc/jemalloc.h>

#include <cstdint>

// jemalloc's settings. Tensors of megabytes come and go in every step: their pages are kept for some seconds, large ones' as well.
extern "C" {
extern const char* malloc_conf;
const char* malloc_conf = "oversize_threshold:0,muzzy_decay_ms:10000";
}

namespace {

/// The setting does not reach jemalloc 5.3's first arena.
[[maybe_unused]] const int first_arena = [] {
  size_t none_is_oversize = SIZE_MAX;
  return mallctl("arena.0.oversize_threshold", nullptr, nullptr, &none_is_oversize, sizeof none_is_oversize);
}();

}  // namespace
