#pragma once
#include <ATen/core/Tensor.h>

#include <string_view>
#include <vector>

#include "fairfight/model/linear.h"

namespace fairfight {

/// In which precision matrix products are made; everything else is float32.
enum class Precision { float32,
                       bfloat16 };

/// For fine-tuning: bfloat16 where the CPU multiplies it. Decided by the CPU alone, so that no result hangs on a timing.
Precision training_precision();
/// Times both once on this machine and says which is faster. bfloat16 is considered only where the CPU multiplies it.
Precision fastest_products();
std::string_view name_of(Precision products);
Precision precision_by_name(std::string_view name);

/// Fused operations with hand-written gradients; each equals the plain formula beside it (kernels_test.cpp).
at::Tensor linear(const at::Tensor& x, const at::Tensor& w, const at::Tensor& b, Precision products);  // x wᵀ + b
at::Tensor linear(const at::Tensor& x, const Linear& map, Precision products);
std::vector<at::Tensor> linears(const at::Tensor& x, const std::vector<Linear>& maps, Precision products);  // several maps of one x
at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& w, double eps);  // x / sqrt(mean(x²) + eps) * w
at::Tensor swiglu(const at::Tensor& gate, const at::Tensor& in);            // gate * sigmoid(gate) * in

/// Rotary positions in the two-halves layout of Hugging Face's Llama: x is [batch, pos, head, d_head], position = index. Cosine
/// and sine of the angles are [pos, pairs] or, where they are a text's own, [batch, pos, pairs]; what stands after the first
/// 2 * pairs dimensions of a head stays.
at::Tensor rotate(const at::Tensor& x, const at::Tensor& cosine, const at::Tensor& sine);

/// softmax(scale * q kᵀ, causal) v. q [batch, pos, head, d_head], k and v [batch, pos, kv_head, d_head] -> as q. A token sees
/// `window` tokens, itself and those right before it; 0: all before it.
at::Tensor causal_attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, double scale, int64_t window = 0);

/// Whether no value is a NaN or an infinity: reads bits, as fast as the memory. float32, float16, bfloat16 or float64, contiguous.
bool all_finite(const at::Tensor& x);

/// Mean over the targets that are not negative of -log softmax(logits)[target], in nats.
/// logits [rows, vocab], targets [rows] int64 -> scalar.
at::Tensor cross_entropy(const at::Tensor& logits, const at::Tensor& targets);

}  // namespace fairfight
