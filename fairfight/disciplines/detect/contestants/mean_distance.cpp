#include "fairfight/disciplines/detect/roster.h"
#include "fairfight/disciplines/detect/tokenwise.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

class MeanDistance final : public RowDetector {
 public:
  std::string_view name() const override { return "mean_distance"; }
  std::string_view title() const override { return "distance to the mean"; }
  std::string_view about() const override { return "‖x − μ‖ a token, μ the mean of the clean pool: Mahalanobis without the covariance"; }

  RowFit fit(Corner<Detect>& corner, const Settings&) const override {
    const auto& pool = corner.pool();
    const auto mean = pool.to(at::kDouble).mean(0, true);
    const auto score = [mean](const at::Tensor& x) { return (x.to(at::kDouble) - mean).norm(2, 1); };
    return score;
  }
};

}  // namespace

std::unique_ptr<const Contestant<Detect>> mean_distance() { return std::make_unique<MeanDistance>(); }

}  // namespace fairfight
