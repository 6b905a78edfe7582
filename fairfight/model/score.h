#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "fairfight/model/config.h"
#include "fairfight/model/read_out.h"

namespace fairfight {

/// log p(token | the tokens before it), in nats, of every token but the first of each text: one value fewer than a text has
/// tokens. `said` stands for a model of this config: what it says of [batch, pos].
///
/// A text that is longer than the context is read in windows of the context's length that begin `stride` tokens apart; each
/// window adds the tokens that the one before it did not reach, so all have at least n_ctx - stride tokens before them.
/// 1 <= stride < n_ctx; small strides see more and cost more.
std::vector<std::vector<float>> log_probabilities(const std::function<ReadOut(const at::Tensor&)>& said, const Config& config,
                                                  const std::vector<std::vector<int32_t>>& texts, int64_t stride);

}  // namespace fairfight
