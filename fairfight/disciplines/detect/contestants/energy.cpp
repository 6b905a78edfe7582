#include "fairfight/disciplines/detect/roster.h"
#include "fairfight/disciplines/detect/tokenwise.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

class Energy final : public OutputDetector {
 public:
  std::string_view name() const override { return "energy"; }
  std::string_view title() const override { return "energy"; }
  std::string_view about() const override { return "−log Σ exp(logits) after each token (Liu et al. 2020)"; }

  at::Tensor measure(const Outputs& outputs, const at::Tensor&, const Settings&) const override { return -outputs.log_normalizer; }
};

}  // namespace

std::unique_ptr<const Contestant<Detect>> energy() { return std::make_unique<Energy>(); }

}  // namespace fairfight
