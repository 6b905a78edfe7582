#pragma once
#include <cstdint>
#include <string_view>

#include "fairfight/base/error.h"

namespace fairfight {

/// Arithmetic on sizes that come from a file: throws instead of wrapping.
inline uint64_t checked_mul(uint64_t a, uint64_t b, std::string_view what) {
  uint64_t product;
  if (__builtin_mul_overflow(a, b, &product)) fail("[size] {}: {} * {} overflows 64 bits", what, a, b);
  return product;
}

inline uint64_t checked_add(uint64_t a, uint64_t b, std::string_view what) {
  uint64_t sum;
  if (__builtin_add_overflow(a, b, &sum)) fail("[size] {}: {} + {} overflows 64 bits", what, a, b);
  return sum;
}

}  // namespace fairfight
