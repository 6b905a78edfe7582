#include <cmath>
#include <numbers>

#include "fairfight/disciplines/detect/roster.h"
#include "fairfight/disciplines/detect/tokenwise.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

class Ppca final : public RowDetector {
 public:
  std::string_view name() const override { return "ppca"; }
  std::string_view title() const override { return "probabilistic PCA"; }
  std::string_view about() const override {
    return "−log N(x; μ, V(Λ − s²I)Vᵀ + s²I) a token, s² the mean variance of the axes left out (Tipping & Bishop 1999)";
  }
  SearchSpace fit_space() const override { return SearchSpace().hyperparameter("components", {4, 8, 16, 32, 64}); }

  RowFit fit(Corner<Detect>& corner, const Settings& settings) const override {
    const auto& pool = corner.pool();
    const double d = double(pool.size(1));
    const int64_t components = std::min(settings.integer("components"), pool.size(1) - 1);
    const auto& all = pool_axes(corner);
    auto variances = all.variances.clone();
    auto noise = variances.slice(0, components);
    noise.fill_(noise.mean().item<double>());
    variances.clamp_min_(1e-12 * variances[0].item<double>() + 1e-300);  // a pool of lower rank than components
    const double constant = 0.5 * (d * std::log(2 * std::numbers::pi) + variances.log().sum().item<double>());
    const auto score = [constant, mean = all.mean, whiten = (all.axes / variances.sqrt().unsqueeze(1)).t().contiguous()](
                           const at::Tensor& x) { return (x.to(at::kDouble) - mean).mm(whiten).square().sum(1) / 2 + constant; };
    return score;
  }
};

}  // namespace

std::unique_ptr<const Contestant<Detect>> ppca() { return std::make_unique<Ppca>(); }

}  // namespace fairfight
