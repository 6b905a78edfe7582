#include <cmath>

#include "fairfight/disciplines/detect/roster.h"
#include "fairfight/disciplines/detect/tokenwise.h"
#include "fairfight/methods/tails.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

class Copod final : public RowDetector {
  static constexpr int64_t kRows = 65536;  // of the pool: more would leave the caches

 public:
  std::string_view name() const override { return "copod"; }
  std::string_view title() const override { return "COPOD"; }
  std::string_view about() const override {
    return "Σ over coordinates of max(−log P of the tail that the skew points to, mean of both), 65,536 clean tokens (Li et al. 2020, as "
           "PyOD)";
  }

  RowFit fit(Corner<Detect>& corner, const Settings&) const override {
    const auto rows = corner.pool().slice(0, 0, kRows);
    const auto tails = std::make_shared<EmpiricalTails>(rows);
    const auto leftward = tails->skew().le(0).to(at::kDouble), rightward = tails->skew().ge(0).to(at::kDouble);
    const auto score = [tails, leftward, rightward](const at::Tensor& x) {
      const auto [left, right] = tails->surprise(x);
      return at::maximum(left * leftward + right * rightward, (left + right) / 2).sum(1);
    };
    return score;
  }
};

}  // namespace

std::unique_ptr<const Contestant<Detect>> copod() { return std::make_unique<Copod>(); }

}  // namespace fairfight
