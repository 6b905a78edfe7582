#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

namespace fairfight {

#define FAIRFIGHT_INLINE inline __attribute__((always_inline))

/// Cephes' exp in float: |relative error| < 2e-7 on the clamped range; vectorises, where std::exp does not.
FAIRFIGHT_INLINE float fast_exp(float x) {
  x = std::min(std::max(x, -87.0f), 88.0f);
  const float n = std::nearbyint(x * 1.44269504f);
  const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  union {
    int32_t bits;
    float value;
  } power{(int32_t(n) + 127) << 23};
  return p * power.value;
}

/// Sixteen floats that the compiler keeps in registers: sums over many rows touch no memory.
using Lanes = float __attribute__((vector_size(64), aligned(4), may_alias));
constexpr int64_t kLanes = 16, kChunk = 4;  // of lanes at once
FAIRFIGHT_INLINE Lanes& lanes(float* p) { return *reinterpret_cast<Lanes*>(p); }
FAIRFIGHT_INLINE const Lanes& lanes(const float* p) { return *reinterpret_cast<const Lanes*>(p); }

/// All lanes joined, in a fixed tree: left to itself the compiler walks through them one by one.
template <bool kHighest>
FAIRFIGHT_INLINE void join(Lanes& x, const Lanes& y) {
  if constexpr (kHighest)
    x = x > y ? x : y;
  else
    x += y;
}
template <bool kHighest>
FAIRFIGHT_INLINE float joined(Lanes& x) {
  join<kHighest>(x, __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  join<kHighest>(x, __builtin_shufflevector(x, x, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11));
  join<kHighest>(x, __builtin_shufflevector(x, x, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13));
  join<kHighest>(x, __builtin_shufflevector(x, x, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14));
  return x[0];
}
FAIRFIGHT_INLINE float sum_of(Lanes x) { return joined<false>(x); }
FAIRFIGHT_INLINE float highest_of(Lanes x) { return joined<true>(x); }

/// Of every pair of rows that lie so far apart, the blocks of lanes off the diagonal change places.
template <int kApart, int... kLane>
FAIRFIGHT_INLINE void exchange(Lanes* x, std::integer_sequence<int, kLane...>) {
  constexpr int kOther = int(kLanes);  // the second of two rows that are shuffled
#pragma GCC unroll 16
  for (int r = 0; r < kLanes; ++r) {
    if (r & kApart) continue;
    const Lanes a = x[r], b = x[r + kApart];
    x[r] = __builtin_shufflevector(a, b, (kLane & kApart ? kLane - kApart + kOther : kLane)...);
    x[r + kApart] = __builtin_shufflevector(a, b, (kLane & kApart ? kLane + kOther : kLane + kApart)...);
  }
}
/// to[i][j] = from[j][i] for kLanes rows of kLanes.
FAIRFIGHT_INLINE void turn_block(const float* from, int64_t from_stride, float* to, int64_t to_stride) {
  constexpr auto kAll = std::make_integer_sequence<int, int(kLanes)>{};
  Lanes x[kLanes];
#pragma GCC unroll 16
  for (int r = 0; r < kLanes; ++r) x[r] = lanes(from + r * from_stride);
  exchange<8>(x, kAll);
  exchange<4>(x, kAll);
  exchange<2>(x, kAll);
  exchange<1>(x, kAll);
#pragma GCC unroll 16
  for (int r = 0; r < kLanes; ++r) lanes(to + r * to_stride) = x[r];
}

/// out[0 .. lanes) = Σ_i scale a_i rows_i, in the order of i.
template <int kCount>
FAIRFIGHT_INLINE void weighted_sum(int64_t n, const float* a, float scale, const float* rows, int64_t stride, float* out) {
  Lanes sum[kCount] = {};
  for (int64_t i = 0; i < n; ++i) {
    const float ai = a[i] * scale;
#pragma GCC unroll 4
    for (int c = 0; c < kCount; ++c) sum[c] += ai * lanes(rows + i * stride + c * kLanes);
  }
#pragma GCC unroll 4
  for (int c = 0; c < kCount; ++c) lanes(out + c * kLanes) = sum[c];
}
FAIRFIGHT_INLINE void weighted_sum(int64_t n, const float* a, float scale, const float* rows, int64_t stride, int64_t groups, float* out) {
  for (; groups >= kChunk; groups -= kChunk, rows += kChunk * kLanes, out += kChunk * kLanes) weighted_sum<kChunk>(n, a, scale, rows, stride, out);
  if (groups == 3) weighted_sum<3>(n, a, scale, rows, stride, out);
  if (groups == 2) weighted_sum<2>(n, a, scale, rows, stride, out);
  if (groups == 1) weighted_sum<1>(n, a, scale, rows, stride, out);
}

}  // namespace fairfight
