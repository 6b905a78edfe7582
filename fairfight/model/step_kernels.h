#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "fairfight/model/kernels.h"

namespace fairfight {

// Operations of a step of generation: a token or a few at once, without gradients. They wait for memory, so every weight and
// every key is read once, and bfloat16 weights are widened on the way and cost half.

/// x wᵀ + b in float32 for at most kFewRows rows: x [..., in] float32, w [out, in] float32 or bfloat16, b [out] or undefined.
at::Tensor few_rows(const at::Tensor& x, const at::Tensor& w, const at::Tensor& b);
constexpr int64_t kFewRows = 4;
bool fits_few_rows(const at::Tensor& w, Precision products);  // else the products are made as `products` says

/// One query a text against what stands in the cache: softmax(capped(scale * q kᵀ)) v. q [texts, head, d_head]; k and v
/// [cache row, position, kv_head, d_head]; text i is the cache's row rows[i] with lengths[i] positions, its own among them, of
/// which it sees the last `window` (0: all). capped(x) = cap * tanh(x / cap); cap 0: x. -> as q.
at::Tensor cached_attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const std::vector<int64_t>& rows,
                            const std::vector<int64_t>& lengths, double scale, int64_t window, double cap);

/// x [texts, kv_head, d_head] becomes each text's last position in the cache.
void put_last(const at::Tensor& x, const at::Tensor& cache, const std::vector<int64_t>& rows, const std::vector<int64_t>& lengths);

}  // namespace fairfight
