#include <algorithm>
#include <cmath>
#include <vector>

#include "fairfight/base/simd.h"
#include "fairfight/model/kernels.h"
#include "fairfight/model/lanes.h"
#include "fairfight/model/meter.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using Grads = torch::autograd::variable_list;

/// One head of one row of the batch. Strided views: element (p, i) of q, k, v, z lies at p * stride + i.
struct Head {
  int64_t pos, d, q_stride, kv_stride, window;
  float scale;
  int64_t first(int64_t at) const { return window > 0 ? std::max<int64_t>(0, at - window + 1) : 0; }  // that `at` sees
};

int64_t whole_lanes(int64_t n) { return (n + kLanes - 1) / kLanes * kLanes; }
/// Tokens that attend together: their sums wait for nothing but themselves. Each sum keeps its order.
constexpr int kTogether = 8;
/// Floats of scratch that one head needs: its keys (or values) turned, two rows of scores for each token, and the tokens' queries.
int64_t head_scratch(int64_t pos, int64_t d) { return (d + 2 * kTogether) * whole_lanes(pos) + kTogether * d; }

/// to[i][j] = from[j][i], in rows of `width`.
FAIRFIGHT_INLINE void turn_rows(const Head& h, const float* from, int64_t width, float* to) {
  const int64_t whole_pos = h.pos / kLanes * kLanes, whole_d = h.d / kLanes * kLanes;
  for (int64_t j = 0; j < whole_pos; j += kLanes)
    for (int64_t i = 0; i < whole_d; i += kLanes) turn_block(from + j * h.kv_stride + i, h.kv_stride, to + i * width + j, width);
  for (int64_t j = 0; j < h.pos; ++j)
    for (int64_t i = j < whole_pos ? whole_d : 0; i < h.d; ++i) to[i * width + j] = from[j * h.kv_stride + i];
}

/// Whether that many tokens from `a` on see from the same first one on.
FAIRFIGHT_INLINE bool see_alike(const Head& h, int64_t a) { return a + kTogether <= h.pos && h.first(a) == h.first(a + kTogether - 1); }

/// out[r] = scale x_r turned, kRows rows; `turned` [d, width] from its column `begin` on. WeightArena for the rows: `scaled` [kRows, d].
template <int kRows>
FAIRFIGHT_INLINE void products(const Head& h, const float* x, float scale, const float* turned, int64_t width, int64_t begin, int64_t end, float* out,
                               float* scaled) {
  for (int r = 0; r < kRows; ++r)
#pragma omp simd
    for (int64_t i = 0; i < h.d; ++i) scaled[r * h.d + i] = x[r * h.q_stride + i] * scale;
  for (int64_t g = begin; g < end; g += kLanes) {
    Lanes sum[kRows] = {};
    for (int64_t i = 0; i < h.d; ++i) {
      const Lanes column = lanes(turned + i * width + g);
#pragma GCC unroll 8
      for (int r = 0; r < kRows; ++r) sum[r] += scaled[r * h.d + i] * column;
    }
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) lanes(out + r * width + g) = sum[r];
  }
}

/// Of row[first .. end). It works on whole lanes, a multiple of them from `begin` on; what stands outside becomes 0.
FAIRFIGHT_INLINE void softmax(int64_t begin, int64_t first, int64_t end, float* row) {
  const int64_t n = whole_lanes(end - begin);
  float* x = row + begin;
  for (int64_t j = begin; j < first; ++j) row[j] = -INFINITY;
  for (int64_t j = end; j < begin + n; ++j) row[j] = -INFINITY;
  Lanes most = lanes(x), sum = {};
  for (int64_t g = kLanes; g < n; g += kLanes) most = most > lanes(x + g) ? most : lanes(x + g);
  const float highest = highest_of(most);
#pragma omp simd
  for (int64_t j = 0; j < n; ++j) x[j] = fast_exp(x[j] - highest);  // of -inf 1e-38, which no sum above 1 feels
  for (int64_t g = 0; g < n; g += kLanes) sum += lanes(x + g);
  const float inverse = 1 / sum_of(sum);
#pragma omp simd
  for (int64_t j = 0; j < n; ++j) x[j] *= inverse;
  for (int64_t j = begin; j < first; ++j) row[j] = 0;
  for (int64_t j = end; j < begin + n; ++j) row[j] = 0;
}

/// Tokens a .. a + kRows - 1, which see from the same first one on.
template <int kRows>
FAIRFIGHT_INLINE void attend_rows(const Head& h, int64_t a, const float* q, const float* kt, const float* v, float* pattern, float* z, float* scores) {
  const int64_t width = whole_lanes(h.pos), whole = h.d / kLanes * kLanes, first = h.first(a), begin = first / kLanes * kLanes, shared = a + 1;
  products<kRows>(h, q + a * h.q_stride, h.scale, kt, width, begin, a + kRows, scores, scores + 2 * kTogether * width);
  for (int r = 0; r < kRows; ++r) {
    float* row = scores + r * width;
    softmax(begin, first, shared + r, row);
    if (!pattern) continue;
    for (int64_t g = begin; g < shared + r; g += kLanes) lanes(pattern + (a + r) * width + g) = lanes(row + g);
  }
  float* za = z + a * h.q_stride;
  for (int64_t i = 0; i < whole; i += kLanes) {
    Lanes sum[kRows] = {};
    for (int64_t j = first; j < shared; ++j) {
      const Lanes value = lanes(v + j * h.kv_stride + i);
#pragma GCC unroll 8
      for (int r = 0; r < kRows; ++r) sum[r] += scores[r * width + j] * value;
    }
    for (int r = 0; r < kRows; ++r) {  // what stands before one of them only
      for (int64_t j = shared; j < shared + r; ++j) sum[r] += scores[r * width + j] * lanes(v + j * h.kv_stride + i);
      lanes(za + r * h.q_stride + i) = sum[r];
    }
  }
  for (int r = 0; r < kRows; ++r)
    for (int64_t i = whole; i < h.d; ++i) {
      float sum = 0;
      for (int64_t j = first; j < shared + r; ++j) sum += scores[r * width + j] * v[j * h.kv_stride + i];
      za[r * h.q_stride + i] = sum;
    }
}

FAIRFIGHT_SIMD void attend(const Head& h, const float* q, const float* k, const float* v, float* pattern, float* z, float* scratch) {
  float *kt = scratch, *scores = scratch + h.d * whole_lanes(h.pos);  // scratch begins as zeros: what stands after pos is 0
  turn_rows(h, k, whole_lanes(h.pos), kt);
  for (int64_t a = 0; a < h.pos;) {
    if (see_alike(h, a)) {
      attend_rows<kTogether>(h, a, q, kt, v, pattern, z, scores);
      a += kTogether;
    } else {
      attend_rows<1>(h, a++, q, kt, v, pattern, z, scores);
    }
  }
}

struct HeadGradients {
  const float* dz;
  float *dq, *dk, *dv;
};

template <int kRows>
FAIRFIGHT_INLINE void attend_rows_backward(const Head& h, int64_t a, const float* q, const float* k, const float* vt, const float* pattern,
                                           const HeadGradients& g, float* scratch) {
  const int64_t width = whole_lanes(h.pos), whole = h.d / kLanes * kLanes, first = h.first(a), begin = first / kLanes * kLanes, shared = a + 1;
  float *ds = scratch, *s = scratch + kRows * width;  // by pattern, by score
  const float *row = pattern + a * width, *dza = g.dz + a * h.q_stride, *qa = q + a * h.q_stride;
  float* dqa = g.dq + a * h.q_stride;
  products<kRows>(h, dza, 1, vt, width, begin, a + kRows, ds, scratch + 2 * kTogether * width);
  for (int r = 0; r < kRows; ++r) {
    const float *p = row + r * width, *d = ds + r * width;  // whole lanes: p is 0 where nothing is seen
    const int64_t end = begin + whole_lanes(shared + r - begin);
    Lanes sum = {};
    for (int64_t g = begin; g < end; g += kLanes) sum += lanes(d + g) * lanes(p + g);
    const float mean = sum_of(sum);
    for (int64_t g = begin; g < end; g += kLanes) lanes(s + r * width + g) = lanes(p + g) * (lanes(d + g) - mean) * h.scale;
  }
  for (int64_t i = 0; i < whole; i += kLanes) {
    Lanes sum[kRows] = {}, queries[kRows], dzs[kRows];
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      queries[r] = lanes(qa + r * h.q_stride + i);
      dzs[r] = lanes(dza + r * h.q_stride + i);
    }
    for (int64_t j = first; j < shared; ++j) {
      const Lanes key = lanes(k + j * h.kv_stride + i);
      Lanes dkey = lanes(g.dk + j * h.kv_stride + i), dvalue = lanes(g.dv + j * h.kv_stride + i);
#pragma GCC unroll 8
      for (int r = 0; r < kRows; ++r) {
        sum[r] += s[r * width + j] * key;
        dkey += s[r * width + j] * queries[r];
        dvalue += row[r * width + j] * dzs[r];
      }
      lanes(g.dk + j * h.kv_stride + i) = dkey;
      lanes(g.dv + j * h.kv_stride + i) = dvalue;
    }
    for (int r = 0; r < kRows; ++r) {
      for (int64_t j = shared; j < shared + r; ++j) {
        sum[r] += s[r * width + j] * lanes(k + j * h.kv_stride + i);
        lanes(g.dk + j * h.kv_stride + i) += s[r * width + j] * queries[r];
        lanes(g.dv + j * h.kv_stride + i) += row[r * width + j] * dzs[r];
      }
      lanes(dqa + r * h.q_stride + i) = sum[r];
    }
  }
  for (int r = 0; r < kRows; ++r)
    for (int64_t i = whole; i < h.d; ++i) {
      float sum = 0;
      for (int64_t j = first; j < shared + r; ++j) {
        sum += s[r * width + j] * k[j * h.kv_stride + i];
        g.dk[j * h.kv_stride + i] += s[r * width + j] * qa[r * h.q_stride + i];
        g.dv[j * h.kv_stride + i] += row[r * width + j] * dza[r * h.q_stride + i];
      }
      dqa[r * h.q_stride + i] = sum;
    }
}

FAIRFIGHT_SIMD void attend_backward(const Head& h, const float* q, const float* k, const float* v, const float* pattern, const HeadGradients& g,
                                    float* scratch) {
  float *vt = scratch, *scores = scratch + h.d * whole_lanes(h.pos);
  turn_rows(h, v, whole_lanes(h.pos), vt);
  for (int64_t a = 0; a < h.pos;) {
    if (see_alike(h, a)) {
      attend_rows_backward<kTogether>(h, a, q, k, vt, pattern, g, scores);
      a += kTogether;
    } else {
      attend_rows_backward<1>(h, a++, q, k, vt, pattern, g, scores);
    }
  }
}

struct Attention : Function<Attention> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& q_in, const at::Tensor& k_in, const at::Tensor& v_in, double scale,
                            int64_t window) {
    const auto q = q_in.contiguous(), k = k_in.contiguous(), v = v_in.contiguous();
    const int64_t batch = q.size(0), pos = q.size(1), heads = q.size(2), d = q.size(3), kv_heads = k.size(2);
    const Head shape{pos, d, heads * d, kv_heads * d, window, float(scale)};
    const bool keep = q_in.requires_grad() || k_in.requires_grad() || v_in.requires_grad();
    auto z = at::empty_like(q), pattern = at::empty({keep ? batch * heads : 0, pos, whole_lanes(pos)}, q.options());
    at::parallel_for(0, batch * heads, 1, [&](int64_t from, int64_t to) {
      std::vector<float> scratch(size_t(head_scratch(pos, d)));
      for (int64_t bh = from; bh < to; ++bh) {
        const int64_t at_q = bh / heads * pos * heads * d + bh % heads * d;
        const int64_t at_kv = bh / heads * pos * kv_heads * d + bh % heads / (heads / kv_heads) * d;
        attend(shape, q.data_ptr<float>() + at_q, k.data_ptr<float>() + at_kv, v.data_ptr<float>() + at_kv, keep ? pattern.data_ptr<float>() + bh * pos * whole_lanes(pos) : nullptr, z.data_ptr<float>() + at_q,
               scratch.data());
      }
    });
    context->save_for_backward({q, k, v, pattern});
    context->saved_data["scale"] = scale;
    context->saved_data["window"] = window;
    return z;
  }

  static Grads backward(AutogradContext* context, Grads grads) {
    const auto saved = context->get_saved_variables();
    const auto &q = saved[0], &k = saved[1], &v = saved[2], &pattern = saved[3];
    const auto dz = grads[0].contiguous();
    const int64_t batch = q.size(0), pos = q.size(1), heads = q.size(2), d = q.size(3), kv_heads = k.size(2), group = heads / kv_heads;
    const Head shape{pos, d, heads * d, kv_heads * d, context->saved_data["window"].toInt(), float(context->saved_data["scale"].toDouble())};
    count_flops(4.0 * double(q.numel()) * double(pos + 1));  // four products: of dz and v, of the pattern and dz, and two of what came of them
    auto dq = at::empty_like(q), dk = at::zeros_like(k), dv = at::zeros_like(v);
    // One thread owns a key-value head with all the heads that share it.
    at::parallel_for(0, batch * kv_heads, 1, [&](int64_t from, int64_t to) {
      std::vector<float> scratch(size_t(head_scratch(pos, d)));
      for (int64_t item = from; item < to; ++item) {
        const int64_t b = item / kv_heads, kv = item % kv_heads, at_kv = b * pos * kv_heads * d + kv * d;
        for (int64_t h = kv * group; h < (kv + 1) * group; ++h) {
          const int64_t at_q = b * pos * heads * d + h * d;
          attend_backward(shape, q.data_ptr<float>() + at_q, k.data_ptr<float>() + at_kv, v.data_ptr<float>() + at_kv, pattern.data_ptr<float>() + (b * heads + h) * pos * whole_lanes(pos),
                          {dz.data_ptr<float>() + at_q, dq.data_ptr<float>() + at_q, dk.data_ptr<float>() + at_kv, dv.data_ptr<float>() + at_kv}, scratch.data());
        }
      }
    });
    return {dq, dk, dv, at::Tensor(), at::Tensor()};
  }
};

}  // namespace

at::Tensor causal_attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, double scale, int64_t window) {
  count_flops(2.0 * double(q.numel()) * double(q.size(1) + 1));  // two products, each of half of the pairs
  return Attention::apply(q, k, v, scale, window);
}

}  // namespace fairfight
