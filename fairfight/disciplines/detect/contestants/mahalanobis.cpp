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
    const auto& pool = corner.pool();
    const double n = double(pool.size(0)), d = double(pool.size(1));
    const Mahalanobis fitted(ledoit_wolf(pool));
    return {[fitted](const at::Tensor& x) { return fitted.distances(x); }, 2 * n * d * d + d * d * d / 3, d * d + 3 * d};
  }
};

}  // namespace

std::unique_ptr<const Contestant<Detect>> mahalanobis() { return std::make_unique<MahalanobisDistance>(); }

}  // namespace fairfight
