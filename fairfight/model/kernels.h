#pragma once
#include <ATen/core/Tensor.h>

#include <string_view>
#include <vector>

#include "fairfight/model/linear.h"

namespace fairfight {

/// In which precision matrix products are made; everything else is float32.
enum class Products { float32, bfloat16 };

/// For fine-tuning: bfloat16 where the CPU multiplies it. Decided by the CPU alone, so that no result hangs on a timing.
Products training_products();
/// Times both once on this machine and says which is faster. bfloat16 is considered only where the CPU multiplies it.
Products fastest_products();
std::string_view name_of(Products products);
Products products_by_name(std::string_view name);

/// Fused operations with hand-written gradients; each equals the plain formula beside it (kernels_test.cpp).
at::Tensor linear(const at::Tensor& x, const at::Tensor& w, const at::Tensor& b, Products products);  // x wᵀ + b
at::Tensor linear(const at::Tensor& x, const Linear& map, Products products);
std::vector<at::Tensor> linears(const at::Tensor& x, const std::vector<Linear>& maps, Products products);  // several maps of one x
at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& w, double eps);  // x / sqrt(mean(x²) + eps) * w
at::Tensor swiglu(const at::Tensor& gate, const at::Tensor& in);            // gate * sigmoid(gate) * in

/// Rotary positions in the two-halves layout of Hugging Face's Llama: x is [batch, pos, head, d_head], position = index. Cosine
/// and sine of the angles are [pos, pairs] or, where they are a text's own, [batch, pos, pairs]; what stands behind the first
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

/// log softmax(logits)[target], 0 where the target is negative; no gradient. logits [..., vocab], targets [...] int64 -> as targets.
at::Tensor target_log_probabilities(const at::Tensor& logits, const at::Tensor& targets);

/// Mean over the rows that are `counted` of KL(softmax(reference) ‖ softmax(logits)), in nats; no gradient goes to the reference.
/// logits, reference [rows, vocab], counted [rows] bool -> scalar.
at::Tensor divergence(const at::Tensor& logits, const at::Tensor& reference, const at::Tensor& counted);

}  // namespace fairfight
