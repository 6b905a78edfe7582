#include "fairfight/disciplines/detect/pooled.h"
#include "fairfight/disciplines/detect/roster.h"
#include "fairfight/methods/covariance.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

class PooledMahalanobis final : public PooledDetector {
 public:
  std::string_view name() const override { return "pooled_mahalanobis"; }
  std::string_view title() const override { return "Mahalanobis of documents"; }
  std::string_view about() const override { return "(x − μ)ᵀ Σ⁻¹ (x − μ) of a document's mean activation after one block or all, Σ shrunk as Ledoit & Wolf 2004"; }

  RowFit fit(const at::Tensor& documents, const Settings&) const override {
    const Mahalanobis fitted(ledoit_wolf(documents));
    return [fitted](const at::Tensor& x) { return fitted.distances(x); };
  }
};

}  // namespace

std::unique_ptr<const Contestant<Detect>> pooled_mahalanobis() { return std::make_unique<PooledMahalanobis>(); }

}  // namespace fairfight
