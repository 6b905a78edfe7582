#pragma once
#include <cstdint>
#include <functional>
#include <vector>

#include "fairfight/base/random.h"
#include "fairfight/model/transformer.h"

namespace fairfight {

/// Continues each prompt until one of `stops` was written, `tokens` tokens were added or the context is full. Temperature 0 takes the
/// most likely token. `taps` are applied at every step. Prompts may differ in length; the result includes them.
/// `logits` stands for a model of the context `n_ctx`: [batch, pos] -> [batch, pos, vocab].
std::vector<std::vector<int32_t>> generate(const std::function<at::Tensor(const at::Tensor& tokens)>& logits, int64_t n_ctx,
                                           std::vector<std::vector<int32_t>> prompts, int64_t tokens, double temperature,
                                           const std::vector<int64_t>& stops, Random random);
std::vector<std::vector<int32_t>> generate(const Transformer& model, std::vector<std::vector<int32_t>> prompts, int64_t tokens,
                                           double temperature, const std::vector<int64_t>& stops, Random random, const Taps& taps = {});

}  // namespace fairfight
