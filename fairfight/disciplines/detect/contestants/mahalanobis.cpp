#include "fairfight/disciplines/detect/roster.h"
#include "fairfight/disciplines/detect/tokenwise.h"
#include "fairfight/methods/covariance.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

class MahalanobisDistance final : public RowDetector {
 public:
  std::string_view name() const override { return "mahalanobis"; }
  std::string_view title() const override { return "Mahalanobis (Ledoit-Wolf)"; }
  std::string_view about() const override { return "(x − μ)ᵀ Σ⁻¹ (x − μ) a token, Σ shrunk as Ledoit & Wolf 2004"; }

  RowFit fit(Corner<Detect>& corner, const Settings&) const override {
    const Mahalanobis fitted(ledoit_wolf(corner.pool()));
    return [fitted](const at::Tensor& x) { return fitted.distances(x); };
  }
};

}  // namespace

std::unique_ptr<const Contestant<Detect>> mahalanobis() { return std::make_unique<MahalanobisDistance>(); }

}  // namespace fairfight
