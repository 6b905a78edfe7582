#include "fairfight/base/error.h"
#include "fairfight/disciplines/detect/tokenwise.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

/// Sum over a row's active latents of weights[latent].
at::Tensor sum_active(const Codes& codes, const at::Tensor& weights) {
  return (weights.index_select(0, codes.indices.flatten().to(at::kLong)).view(codes.indices.sizes()) * (codes.values != 0)).sum(1);
}

/// How often each latent fires on clean rows, by Laplace's rule, so that one that never did is rare and not impossible.
at::Tensor firing_rates(const Codes& codes) {
  const auto count = at::zeros({codes.width}, at::kDouble);
  const auto active = codes.values != 0;
  count.index_add_(0, codes.indices.index({active}).to(at::kLong), at::ones({active.sum().item<int64_t>()}, at::kDouble));
  return (count + 1) / (double(codes.values.size(0)) + 2);
}

class Rarity final : public CodeDetector {
 public:
  std::string_view name() const override { return "rarity"; }
  std::string_view title() const override { return "rarity of its features"; }
  std::string_view about() const override {
    return "a token: Σ or mean over its active features of −log π, π the clean firing rate; or −log of all features' Bernoulli likelihood";
  }
  SearchSpace fit_space() const override { return SearchSpace().hyperparameter("form", {"sum", "mean", "bernoulli"}); }

  CodeFit fit(Corner<Detect>& corner, const Settings& settings) const override {
    const auto rates = firing_rates(encoded_pool(corner).codes);
    const std::string form = settings.text("form");
    // −Σ_j [f_j > 0] log π_j + [f_j = 0] log(1 − π_j): a constant, and log((1 − π)/π) for every active latent.
    const auto weights = form == "bernoulli" ? at::log((1 - rates) / rates) : -at::log(rates);
    return [weights, form](const Encoded& rows) -> at::Tensor {
      const auto sum = sum_active(rows.codes, weights);
      if (form != "mean") return sum;
      return sum / (rows.codes.values != 0).sum(1).clamp_min(1);
    };
  }
};

}  // namespace

std::unique_ptr<const Contestant<Detect>> rarity() { return std::make_unique<Rarity>(); }

}  // namespace fairfight
