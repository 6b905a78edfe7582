#include "fairfight/contestants/detect/roster.h"
#include "fairfight/contestants/detect/tokenwise.h"
#include "fairfight/methods/covariance.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

class MahalanobisDistance final : public Contestant<Detector> {
 public:
  std::string_view name() const override { return "mahalanobis"; }
  std::string_view title() const override { return "Mahalanobis (Ledoit-Wolf)"; }
  std::string_view about() const override { return "(x − μ)ᵀ Σ⁻¹ (x − μ) a token, Σ shrunk as Ledoit & Wolf 2004"; }
  Role role() const override { return Role::baseline; }
  SearchSpace space() const override { return SearchSpace().knob("aggregation", aggregations()); }

  std::unique_ptr<Detector> prepare(Corner& corner, const Settings& settings) const override {
    const Mahalanobis fit(ledoit_wolf(corner.pool()));
    return tokenwise(corner.site(), [fit](const at::Tensor& x) { return fit.distances(x); }, settings.text("aggregation"));
  }
};

}  // namespace

std::unique_ptr<const Contestant<Detector>> mahalanobis() { return std::make_unique<MahalanobisDistance>(); }

}  // namespace fairfight
