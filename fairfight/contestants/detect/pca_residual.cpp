#include "fairfight/contestants/detect/roster.h"
#include "fairfight/contestants/detect/tokenwise.h"
#include "fairfight/methods/covariance.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

class PcaResidual final : public Contestant<Detector> {
 public:
  std::string_view name() const override { return "pca_residual"; }
  std::string_view title() const override { return "PCA residual"; }
  std::string_view about() const override { return "‖(I − VVᵀ)(x − μ)‖² a token, V the leading principal axes of the clean pool"; }
  Role role() const override { return Role::baseline; }
  SearchSpace space() const override {
    return SearchSpace().knob("share", {0.0625, 0.125, 0.25, 0.5, 0.75}).knob("aggregation", aggregations());
  }

  std::unique_ptr<Detector> prepare(Corner& corner, const Settings& settings) const override {
    const auto& pool = corner.pool();
    const auto components = std::max<int64_t>(1, int64_t(settings.number("share") * double(pool.size(1))));
    const auto [mean, axes] = principal_axes(pool, components);
    const auto score = [mean = mean.to(at::kFloat), axes = axes.to(at::kFloat)](const at::Tensor& x) {
      const auto centred = x - mean;
      return (centred - centred.mm(axes.t()).mm(axes)).square().sum(1);
    };
    return tokenwise(corner.site(), score, settings.text("aggregation"));
  }
};

}  // namespace

std::unique_ptr<const Contestant<Detector>> pca_residual() { return std::make_unique<PcaResidual>(); }

}  // namespace fairfight
