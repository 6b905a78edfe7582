#include "fairfight/disciplines/detect/tokenwise.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

/// L0 says nothing where every row has the same number of active latents (TopK, PCA): there the weakest latent that made it
/// into the code stands in for it.
at::Tensor count_or_weakest(const Encoded& rows, bool constant) {
  const auto size = rows.codes.values.abs();
  return constant ? size.amin(1) : (size > 0).sum(1).to(at::kFloat);
}

class Sparsity final : public CodeDetector {
 public:
  std::string_view name() const override { return "sparsity"; }
  std::string_view title() const override { return "sparsity"; }
  std::string_view about() const override {
    return "a token: its L0 or, where that is constant, its k-th pre-activation; or its L1 (the essay's T3)";
  }
  SearchSpace fit_space() const override { return SearchSpace().hyperparameter("statistic", {"l0_or_kth", "l1"}); }

  CodeFit fit(Corner<Detect>& corner, const Settings& settings) const override {
    const auto& pool = encoded_pool(corner);
    const auto active = (pool.codes.values != 0).sum(1);
    const bool constant = (active == active[0]).all().item<bool>();
    const bool l1 = settings.text("statistic") == "l1";
    return [constant, l1](const Encoded& rows) { return l1 ? rows.codes.values.abs().sum(1) : count_or_weakest(rows, constant); };
  }
};

}  // namespace

std::unique_ptr<const Contestant<Detect>> sparsity() { return std::make_unique<Sparsity>(); }

}  // namespace fairfight
