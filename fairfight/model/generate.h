#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "fairfight/base/random.h"
#include "fairfight/model/patch.h"

namespace fairfight {

/// How a token is drawn, in this order, as transformers does: logits are divided by the temperature, all but the top_k most
/// likely go, then all but the most likely ones that together have top_p; one always stays.
struct Sampling {
  Sampling(double temperature = 0, int64_t top_k = 0, double top_p = 1) : temperature(temperature), top_k(top_k), top_p(top_p) {}
  double temperature;  // 0: always the most likely token
  int64_t top_k;       // 0: all. Those that are as likely as the last one stay, too
  double top_p;        // 0 to 1; 1: all
};

/// The distribution that a token is drawn from: logits [vocab] -> probabilities, double.
std::vector<double> probabilities(const at::Tensor& logits, const Sampling& sampling);

/// Continues each prompt until one of `stops` was written, `tokens` tokens were added or the context is full. Prompts may differ
/// in length; the result includes them. With a cache (decoder.h): a further token costs one token. Each text has random numbers of its own: the same ones under
/// another model, and whenever the texts beside it end.
std::vector<std::vector<int32_t>> generate(const Transformer& model, std::vector<std::vector<int32_t>> prompts, int64_t tokens,
                                           const Sampling& sampling, const std::vector<int64_t>& stops, Random random, const Hooks& hooks = {});

/// The same, by a whole pass for every token: under taps, which may look at every position.
/// `said` stands for a model of the context `n_ctx`: what it says of [batch, pos].
std::vector<std::vector<int32_t>> generate(const Transformer& model, std::vector<std::vector<int32_t>> prompts, int64_t tokens,
                                           const Sampling& sampling, const std::vector<int64_t>& stops, Random random, const Taps& taps);
std::vector<std::vector<int32_t>> generate(const std::function<ReadOut(const at::Tensor& tokens)>& said, int64_t n_ctx,
                                           std::vector<std::vector<int32_t>> prompts, int64_t tokens, const Sampling& sampling,
                                           const std::vector<int64_t>& stops, Random random);

}  // namespace fairfight
