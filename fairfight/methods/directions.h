#pragma once
#include <ATen/core/Tensor.h>

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "fairfight/model/patch.h"

namespace fairfight {

/// Single directions that carry a behaviour, after Arditi et al. 2024, "Refusal in Language Models Is Mediated by a Single
/// Direction", section 2. Means are made in float64.

/// mean(a) - mean(b) of rows [n, d] and [m, d] -> [d] float64. Error: no rows, or another width.
at::Tensor difference_of_means(const at::Tensor& a, const at::Tensor& b);

/// Activations [docs, pos, d] at `from_end` positions before the one in front of each answer start: 0 is the prompt's last token.
/// Documents whose prompt is too short take its first token. -> [docs, d]
at::Tensor rows_before(const at::Tensor& activations, const at::Tensor& answer_start, int64_t from_end);

/// How strongly a behaviour begins: log(P + 1e-8) - log(1 - P + 1e-8), where P is the probability of the tokens that begin it.
/// log_probabilities [..., vocab], words [..., vocab] bool -> [...].
at::Tensor answer_start_score(const at::Tensor& log_probabilities, const at::Tensor& words);

/// What is measured of a candidate before one is chosen.
struct DirectionScore {
  int64_t layer;      // whose input it was taken from
  double ablated;     // mean answer-start score of harmful prompts with the direction ablated everywhere
  double induced;     // mean answer-start score of harmless prompts with it added at its layer
  double divergence;  // mean KL(model ‖ ablated model) of the next token after harmless prompts, in nats
};

/// The paper's rule: the lowest `ablated` among those with layer < 0.8 n_layers, induced >= 0 and divergence <= 0.1 (or another
/// limit). Without any such, the rule has no answer.
std::optional<size_t> select_direction(std::span<const DirectionScore> scores, int64_t n_layers, double most_divergence = 0.1);

/// x -> x - strength r̂ r̂ᵀ x at every block's input, attention output and MLP output: nothing that the model writes along r
/// stays (strength 1).
std::shared_ptr<const Hook> ablation_hook(const Config& config, const at::Tensor& direction, double strength = 1);

/// The same in weights: W -> W - strength r̂ r̂ᵀ W for all that writes into the residual stream (embeddings, attention output,
/// MLP output, their biases). An unembedding tied to the embedding is untied: reading is not writing. For models whose every
/// write is one of these and strength 1 its logits equal those under the hook.
Transformer orthogonalised(const Transformer& model, const at::Tensor& direction, double strength = 1);

}  // namespace fairfight
