#include "fairfight/model/step_kernels.h"

#include "fairfight/base/simd.h"
#include "fairfight/model/lanes.h"
#include "fairfight/model/meter.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

#pragma GCC diagnostic ignored "-Wpsabi"  // vectors are passed to what is always inlined, and to nothing else

using Words = uint32_t __attribute__((vector_size(64), aligned(2), may_alias));

/// 32 weights as floats. Of bfloat16 the even ones, then the odd ones: a shift and a mask, where an unpacking takes six steps.
FAIRFIGHT_INLINE void load(const float* w, Lanes& first, Lanes& second) {
  first = lanes(w);
  second = lanes(w + kLanes);
}
FAIRFIGHT_INLINE void load(const uint16_t* w, Lanes& first, Lanes& second) {
  const Words pairs = *reinterpret_cast<const Words*>(w), low = pairs << 16, high = pairs & 0xffff0000u;
  first = reinterpret_cast<const Lanes&>(low);
  second = reinterpret_cast<const Lanes&>(high);
}

/// x in the order of the weights that `load` gives.
at::Tensor evens_before_odds(const at::Tensor& x) {
  auto y = x.clone();
  const int64_t in = x.size(-1), rows = x.numel() / in;
  for (int64_t r = 0; r < rows; ++r) {
    const float* from = x.data_ptr<float>() + r * in;
    float* to = y.data_ptr<float>() + r * in;
    for (int64_t i = 0; i + 2 * kLanes <= in; i += 2 * kLanes)
      for (int64_t j = 0; j < kLanes; ++j) to[i + j] = from[i + 2 * j], to[i + kLanes + j] = from[i + 2 * j + 1];
  }
  return y;
}

FAIRFIGHT_INLINE float widened_one(const float* w) { return *w; }
FAIRFIGHT_INLINE float widened_one(const uint16_t* w) {
  const uint32_t bits = uint32_t(*w) << 16;
  return __builtin_bit_cast(float, bits);
}

FAIRFIGHT_INLINE float sum_of(Lanes x) {
  float sum = 0;
#pragma GCC unroll 16
  for (int i = 0; i < kLanes; ++i) sum += x[i];
  return sum;
}

/// y[row][o] = b[o] + Σ_i x[row][i] w[o][i] for the outputs from .. to: one walk through the weights.
template <int kRows, class Weight>
FAIRFIGHT_INLINE void products(int64_t from, int64_t to, int64_t in, int64_t out, const float* x, const Weight* w, const float* b, float* y) {
  const int64_t twice = in / (2 * kLanes) * (2 * kLanes);
  for (int64_t o = from; o < to; ++o) {
    const Weight* row = w + o * in;
    Lanes even[kRows] = {}, odd[kRows] = {};
    for (int64_t i = 0; i < twice; i += 2 * kLanes) {
      Lanes w0, w1;
      load(row + i, w0, w1);
#pragma GCC unroll 4
      for (int r = 0; r < kRows; ++r) {
        even[r] += w0 * lanes(x + r * in + i);
        odd[r] += w1 * lanes(x + r * in + i + kLanes);
      }
    }
    for (int r = 0; r < kRows; ++r) {
      float sum = sum_of(even[r] + odd[r]);
      for (int64_t i = twice; i < in; ++i) sum += widened_one(row + i) * x[r * in + i];
      y[r * out + o] = sum + (b ? b[o] : 0);
    }
  }
}

FAIRFIGHT_SIMD void products_of_floats(int64_t rows, int64_t from, int64_t to, int64_t in, int64_t out, const float* x, const float* w,
                                       const float* b, float* y) {
  if (rows == 1) products<1>(from, to, in, out, x, w, b, y);
  if (rows == 2) products<2>(from, to, in, out, x, w, b, y);
  if (rows == 3) products<3>(from, to, in, out, x, w, b, y);
  if (rows == 4) products<4>(from, to, in, out, x, w, b, y);
}
FAIRFIGHT_SIMD void products_of_halves(int64_t rows, int64_t from, int64_t to, int64_t in, int64_t out, const float* x, const uint16_t* w,
                                       const float* b, float* y) {
  if (rows == 1) products<1>(from, to, in, out, x, w, b, y);
  if (rows == 2) products<2>(from, to, in, out, x, w, b, y);
  if (rows == 3) products<3>(from, to, in, out, x, w, b, y);
  if (rows == 4) products<4>(from, to, in, out, x, w, b, y);
}

/// One head of one text: `n` keys and values, `stride` apart.
FAIRFIGHT_SIMD void attend_one(int64_t n, int64_t d, int64_t stride, const float* q, const float* k, const float* v, float scale, float cap,
                               float* scores, float* z) {
  const int64_t whole = d / kLanes;
  float highest = -INFINITY, sum = 0;
  for (int64_t j = 0; j < n; ++j) {
    const float* key = k + j * stride;
    Lanes dots = {};
    for (int64_t c = 0; c < whole; ++c) dots += lanes(q + c * kLanes) * lanes(key + c * kLanes);
    float score = sum_of(dots);
    for (int64_t i = whole * kLanes; i < d; ++i) score += q[i] * key[i];
    score *= scale;
    if (cap > 0) score = std::tanh(score / cap) * cap;
    scores[j] = score;
    highest = std::max(highest, score);
  }
#pragma omp simd reduction(+ : sum)
  for (int64_t j = 0; j < n; ++j) sum += scores[j] = fast_exp(scores[j] - highest);
  const float inverse = 1 / sum;
  weighted_sum(n, scores, inverse, v, stride, whole, z);
  for (int64_t i = whole * kLanes; i < d; ++i) {
    z[i] = 0;
    for (int64_t j = 0; j < n; ++j) z[i] += scores[j] * inverse * v[j * stride + i];
  }
}

constexpr int64_t kWorthAThread = 32768;  // weights or keys' elements

}  // namespace

bool fits_few_rows(const at::Tensor& w, Precision products) {
  const bool exact = w.scalar_type() == at::kFloat && products == Precision::float32;
  return (exact || w.scalar_type() == at::kBFloat16) && w.is_contiguous();
}

at::Tensor few_rows(const at::Tensor& x_in, const at::Tensor& w, const at::Tensor& b) {
  const bool halves = w.scalar_type() == at::kBFloat16;
  const auto x = halves ? evens_before_odds(x_in.contiguous()) : x_in.contiguous();
  const int64_t in = w.size(1), out = w.size(0), rows = x.numel() / in;
  auto shape = x.sizes().vec();
  shape.back() = out;
  auto y = at::empty(shape, x.options());
  count_flops(2.0 * double(rows) * double(w.numel()));
  const auto *from_x = x.data_ptr<float>(), *from_b = b.defined() ? b.data_ptr<float>() : nullptr;
  const void* from_w = w.data_ptr();
  auto* to_y = y.data_ptr<float>();
  at::parallel_for(0, out, std::max<int64_t>(1, kWorthAThread / in), [&](int64_t from, int64_t to) {
    if (halves)
      products_of_halves(rows, from, to, in, out, from_x, static_cast<const uint16_t*>(from_w), from_b, to_y);
    else
      products_of_floats(rows, from, to, in, out, from_x, static_cast<const float*>(from_w), from_b, to_y);
  });
  return y;
}

at::Tensor cached_attention(const at::Tensor& q_in, const at::Tensor& k, const at::Tensor& v, const std::vector<int64_t>& rows,
                            const std::vector<int64_t>& lengths, double scale, int64_t window, double cap) {
  const auto q = q_in.contiguous();
  const int64_t texts = q.size(0), heads = q.size(1), d = q.size(2), kv_heads = k.size(2), stride = kv_heads * d, row = k.size(1) * stride;
  auto z = at::empty_like(q);
  const auto seen = [&](int64_t text) { return window > 0 ? std::min(window, lengths[size_t(text)]) : lengths[size_t(text)]; };
  int64_t most = 0, all = 0;
  for (int64_t t = 0; t < texts; ++t) most = std::max(most, seen(t)), all += seen(t);
  count_flops(4.0 * double(all * heads * d));
  const auto *from_q = q.data_ptr<float>(), *from_k = k.data_ptr<float>(), *from_v = v.data_ptr<float>();
  auto* to_z = z.data_ptr<float>();
  at::parallel_for(0, texts * heads, std::max<int64_t>(1, kWorthAThread / (most * d)), [&](int64_t from, int64_t to) {
    std::vector<float> scores(static_cast<size_t>(most));
    for (int64_t i = from; i < to; ++i) {
      const int64_t text = i / heads, head = i % heads / (heads / kv_heads), n = seen(text);
      const int64_t at = rows[size_t(text)] * row + (lengths[size_t(text)] - n) * stride + head * d;
      attend_one(n, d, stride, from_q + i * d, from_k + at, from_v + at, float(scale), float(cap), scores.data(), to_z + i * d);
    }
  });
  return z;
}

void put_last(const at::Tensor& x_in, const at::Tensor& cache, const std::vector<int64_t>& rows, const std::vector<int64_t>& lengths) {
  const auto x = x_in.contiguous();
  const int64_t width = x.size(1) * x.size(2), row = cache.size(1) * width;
  for (size_t t = 0; t < rows.size(); ++t)
    std::copy_n(x.data_ptr<float>() + int64_t(t) * width, width, cache.data_ptr<float>() + rows[t] * row + (lengths[t] - 1) * width);
}

}  // namespace fairfight
