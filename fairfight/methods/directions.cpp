#include "fairfight/methods/directions.h"

#include "fairfight/base/error.h"
#include "fairfight/methods/hooks.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

constexpr double kDeepest = 0.8, kGuard = 1e-8;

at::Tensor unit(const at::Tensor& direction) {
  const auto r = direction.to(at::kDouble);
  const double length = r.norm().item<double>();
  if (!(length > 0)) fail("[direction] got one of length {}, expected a positive one", length);
  return r / length;
}

}  // namespace

at::Tensor difference_of_means(const at::Tensor& a, const at::Tensor& b) {
  if (a.dim() != 2 || b.dim() != 2 || a.size(0) == 0 || b.size(0) == 0 || a.size(1) != b.size(1))
    fail("[difference_of_means] got {} and {} numbers, expected [n, d] and [m, d] with rows in both", a.numel(), b.numel());
  return a.to(at::kDouble).mean(0) - b.to(at::kDouble).mean(0);
}

at::Tensor rows_before(const at::Tensor& activations, const at::Tensor& answer_start, int64_t from_end) {
  const auto position = (answer_start - 1 - from_end).clamp_min(0).view({-1, 1, 1}).expand({-1, 1, activations.size(2)});
  return activations.gather(1, position).squeeze(1);
}

at::Tensor answer_start_score(const at::Tensor& log_probabilities, const at::Tensor& words) {
  const auto p = (log_probabilities.to(at::kDouble).exp() * words).sum(-1);
  return (p + kGuard).log() - (1 - p + kGuard).log();
}

std::optional<size_t> select_direction(std::span<const DirectionScore> scores, int64_t n_layers, double most_divergence) {
  std::optional<size_t> best;
  for (size_t i = 0; i < scores.size(); ++i) {
    const auto& s = scores[i];
    const bool allowed = double(s.layer) < kDeepest * double(n_layers) && s.induced >= 0 && s.divergence <= most_divergence;
    if (allowed && (!best || s.ablated < scores[*best].ablated)) best = i;
  }
  return best;
}

std::shared_ptr<const Hook> ablation_hook(const Config& config, const at::Tensor& direction, double strength) {
  const auto r = unit(direction).unsqueeze(1);
  const auto zero = at::zeros({r.size(0)}, at::kDouble);
  std::vector<AffineEdit> edits;
  for (int64_t layer = 0; layer < config.n_layers; ++layer)
    for (const Point point : {Point::resid_pre, Point::attn_out, Point::mlp_out}) edits.push_back({{point, layer}, -strength * r, r, zero});
  return affine_hook(std::move(edits));
}

Transformer orthogonalised(const Transformer& model, const at::Tensor& direction, double strength) {
  const auto r = unit(direction);
  // Columns of `w` are what is written.
  const auto without = [&](const at::Tensor& w) {
    const auto exact = w.to(at::kDouble);
    return (exact - strength * at::outer(r, r.matmul(exact))).to(w.scalar_type());
  };
  const auto vector_without = [&](const at::Tensor& b) { return b.defined() ? without(b.unsqueeze(1)).squeeze(1) : b; };
  Config config = model.config();
  config.tied = false;
  Weights weights = model.weights().clone();
  if (weights.unembed.is_same(weights.embed)) weights.unembed = weights.embed.clone();
  weights.embed = without(weights.embed.t()).t().contiguous();
  if (weights.pos_embed.defined()) weights.pos_embed = without(weights.pos_embed.t()).t().contiguous();
  for (auto& block : weights.blocks)
    for (auto* written : {&block.o, &block.out}) *written = {without(written->w), vector_without(written->b)};
  return Transformer(config, std::move(weights));
}

}  // namespace fairfight
