#pragma once
#include <cstdint>

#include "fairfight/model/weights.h"

namespace fairfight {

/// Round-to-nearest quantisation of a matrix w [out, in], symmetric, in groups of `group` weights of a row that share a scale:
/// scale = max|w| / (2^(bits-1) - 1), w -> scale · round(w / scale). The last group of a row may be shorter.
at::Tensor rounded(const at::Tensor& w, int64_t bits, int64_t group);

/// All linear maps of the blocks so; embeddings, unembedding and norms stay, as usual.
Weights rounded(const Weights& weights, int64_t bits, int64_t group);

}  // namespace fairfight
