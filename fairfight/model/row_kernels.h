#pragma once
#include <cstdint>

namespace fairfight {

/// Leaves softmax(x) in `p`, which may be x, and returns log Σ exp(x).
float row_softmax(int64_t n, const float* x, float* p);

/// log softmax(logits)[target].
float row_log_probability(int64_t n, const float* logits, int64_t target);

/// Returns Σ p_ref (log p_ref - log p) and leaves p - p_ref in `logits`. WeightArena: `p` and `p_ref` [n].
float row_divergence(int64_t n, float* logits, const float* reference, float* p, float* p_ref);

}  // namespace fairfight
