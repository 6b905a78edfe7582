#pragma once
#include <string>
#include <utility>
#include <vector>

#include "fairfight/dict/kinds.h"
#include "fairfight/methods/hooks.h"
#include "fairfight/model/testing.h"

namespace fairfight {

/// Rows of length 1.
inline at::Tensor unit_rows(at::IntArrayRef shape, uint64_t seed) {
  const auto x = normal(shape, seed);
  return x / x.norm(2, 1, true);
}

/// A random sparse autoencoder of 16 latents, 4 of them active.
inline std::shared_ptr<const Dictionary> random_topk(int64_t d, uint64_t seed) {
  return rebuild("topk", {{"W_dec", unit_rows({16, d}, seed)}, {"W_enc", unit_rows({16, d}, seed + 1)}, {"b_enc", normal({16}, seed + 2) * 0.1}, {"b_dec", normal({d}, seed + 3) * 0.1}, {"k", at::scalar_tensor(4, at::kLong)}});
}

/// Hooks of every kind, those that edit one site alone at kBetween, each of which makes the model say something else.
class EveryHook {
 public:
  explicit EveryHook(const Config& config) : model(config, random_weights(config, Random(1, "every hook"))) {}

  Hooks all() const {
    const int64_t d = model.config().d_model;
    const auto first = random_topk(d, 10), second = random_topk(d, 20);
    const auto clamp = [&](double share) { return Clamp{kBetween, at::tensor({1, 6, 11, 3}, at::kLong), at::tensor({9.0f, -9.0f, 9.0f, -9.0f}), at::tensor({0.0f, 0.0f, 0.2f, 0.1f}), share}; };
    const AffineEdit edit{kBetween, normal({d, 2}, 40) * 0.3, normal({d, 2}, 41), normal({d}, 42)};
    const auto rows = states();
    const auto errors = std::get<0>((rows - first->reconstruct(rows)).square().sum(1).sort());
    return {affine_hook({edit}), affine_hook({edit, {Site::parse("blocks.1.hook_mlp_out"), normal({d, 1}, 6), normal({d, 1}, 7), normal({d}, 8)}}, 4), clamp_hook(first, clamp(-1)),
            clamp_hook(first, clamp(0.6)), error_hook(first, edit), boosted_hook(first, second, clamp(-1)),
            fallback_hook(first, kBetween, errors.slice(0, errors.size(0) / 2 - 1, errors.size(0) / 2 + 1).mean().item<double>()), gate(),
            rules_hook({{{3}, 5}, {{7}, 11}, {{2, 7}, 6}, {{9}, 2}, {{1, 14, 3}, 8}}),
            word_gate_hook({{{3}, {5}, {7, 2}, {9}, {4}}, {{1}, {5}, {8}, {18}, {12, 2}}, at::tensor({-1.0, 0.4, 0.5, 0.3, -0.6}, at::kDouble), -0.5, {6, 10}}),
            gate(Beyond{normal({d}, 50).to(at::kDouble), normal({3, d}, 51).to(at::kDouble), 0.1}), bias_hook(normal({model.config().vocab}, 52) * 2)};
  }
  /// Fires at about one position in twelve.
  std::shared_ptr<const Hook> gate(std::optional<Beyond> beyond = {}) const {
    const auto weights = normal({model.config().d_model}, 9).to(at::kDouble);
    const auto scores = std::get<0>(states().to(at::kDouble).matmul(weights).sort());
    return gate_hook({kBetween, at::stack({weights, weights}), {scores[scores.size(0) * 11 / 12].item<double>(), scores[scores.size(0) / 2].item<double>()}, {7, 3, 11}, std::move(beyond)});
  }

  const Transformer model;

 private:
  at::Tensor states() const {
    const auto& c = model.config();
    return model.at(kBetween, at::randint(c.vocab, {12, c.n_ctx}, at::detail::createCPUGenerator(2), at::kLong)).flatten(0, 1);
  }
};

}  // namespace fairfight
