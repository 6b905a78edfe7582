#include <cmath>

#include "fairfight/disciplines/detect/roster.h"
#include "fairfight/disciplines/detect/tokenwise.h"
#include "fairfight/methods/tails.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

class Ecod final : public RowDetector {
  static constexpr int64_t kRows = 65536;  // of the pool: more would leave the caches

 public:
  std::string_view name() const override { return "ecod"; }
  std::string_view title() const override { return "ECOD"; }
  std::string_view about() const override {
    return "Σ over coordinates of −log min(P(X ≤ x), P(X ≥ x)) among 65,536 clean tokens (Li et al. 2022, the maximum a coordinate as "
           "PyOD)";
  }

  RowFit fit(Corner<Detect>& corner, const Settings&) const override {
    const auto rows = corner.pool().slice(0, 0, kRows);
    const auto tails = std::make_shared<EmpiricalTails>(rows);
    const auto symmetric = tails->skew().eq(0);  // there both tails count at once
    const auto score = [tails, symmetric](const at::Tensor& x) {
      const auto [left, right] = tails->surprise(x);
      return at::maximum(left, right).sum(1) + at::minimum(left, right).masked_fill(~symmetric, 0).sum(1);
    };
    return score;
  }
};

}  // namespace

std::unique_ptr<const Contestant<Detect>> ecod() { return std::make_unique<Ecod>(); }

}  // namespace fairfight
