#include "fairfight/disciplines/detect/roster.h"
#include "fairfight/disciplines/detect/tokenwise.h"
#include "fairfight/methods/clusters.h"
#include "fairfight/methods/mixture.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

class GaussianMixture final : public RowDetector {
  static constexpr int64_t kRows = 16384;  // of the pool: a step costs rows × components

 public:
  std::string_view name() const override { return "gmm"; }
  std::string_view title() const override { return "Gaussian mixture"; }
  std::string_view about() const override {
    return "−log Σ_c π_c N(x; μ_c, diag σ²_c) a token, by EM from k-means on 16,384 clean tokens (Dempster et al. 1977)";
  }
  SearchSpace fit_space() const override { return SearchSpace().hyperparameter("components", {4, 16, 64}); }

  RowFit fit(Corner<Detect>& corner, const Settings& settings) const override {
    const auto rows = corner.pool().slice(0, 0, kRows);
    const int64_t k = settings.integer("components");
    MixtureSettings em;
    em.floor = 1e-6 * rows.var(0, false).mean().item<double>();
    const auto labels = k_means(rows, k, corner.random("clusters")).labels.to(at::kLong);
    auto member = at::zeros({rows.size(0), k}, at::kDouble).scatter_(1, labels.unsqueeze(1), 1);
    const Mixture fitted = fit_mixture(rows, mixture_of(rows, member, em.floor), em);
    return [fitted](const at::Tensor& x) { return -fitted.log_density(x); };
  }
};

}  // namespace

std::unique_ptr<const Contestant<Detect>> gmm() { return std::make_unique<GaussianMixture>(); }

}  // namespace fairfight
