#include <cmath>

#include "fairfight/disciplines/detect/roster.h"
#include "fairfight/disciplines/detect/tokenwise.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

/// ‖(I − VVᵀ)(x − μ)‖² by the axes that are left out or by those that are kept, whichever are fewer.
RowFit residual(const PrincipalAxes& all, int64_t components) {
  const auto kept = all.axes.slice(0, 0, components), rest = all.axes.slice(0, components);
  const bool few = rest.size(0) <= components;
  return [few, mean = all.mean, axes = (few ? rest : kept).t().contiguous()](const at::Tensor& x) {
    const auto centred = x.to(at::kDouble) - mean;
    const auto projected = centred.mm(axes);
    return few ? projected.square().sum(1) : (centred - projected.mm(axes.t())).square().sum(1);
  };
}

class PcaResidual final : public RowDetector {
 public:
  std::string_view name() const override { return "pca_residual"; }
  std::string_view title() const override { return "PCA residual"; }
  std::string_view about() const override { return "‖(I − VVᵀ)(x − μ)‖² a token, V the leading principal axes of the clean pool"; }
  SearchSpace fit_space() const override { return SearchSpace().hyperparameter("share", {0.0625, 0.125, 0.25, 0.5, 0.75}); }

  RowFit fit(Corner<Detect>& corner, const Settings& settings) const override {
    const auto& pool = corner.pool();
    const int64_t components = std::max<int64_t>(1, int64_t(settings.number("share") * double(pool.size(1))));
    return residual(pool_axes(corner), components);
  }
};

/// The decisive control: if the dictionary's error sees more than this one, it is not for how much it leaves unexplained.
class PcaEqualFvu final : public RowDetector {
 public:
  std::string_view name() const override { return "pca_equal_fvu"; }
  std::string_view title() const override { return "PCA residual at the dictionary's error"; }
  std::string_view about() const override {
    return "‖(I − VVᵀ)(x − μ)‖², with as many axes as leave unexplained what the fight's dictionaries do";
  }

  RowFit fit(Corner<Detect>& corner, const Settings&) const override {
    const auto& pool = corner.pool();
    const auto& all = pool_axes(corner);
    const auto unexplained = 1 - all.variances.cumsum(0) / all.variances.sum();  // [d]: by 1, 2, .. axes
    const auto gap = (unexplained.slice(0, 0, pool.size(1) - 1) - corner.dictionary_fvu()).abs();
    return residual(all, gap.argmin().item<int64_t>() + 1);
  }
};

}  // namespace

std::unique_ptr<const Contestant<Detect>> pca_residual() { return std::make_unique<PcaResidual>(); }
std::unique_ptr<const Contestant<Detect>> pca_equal_fvu() { return std::make_unique<PcaEqualFvu>(); }

}  // namespace fairfight
