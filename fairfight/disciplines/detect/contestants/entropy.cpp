#include "fairfight/disciplines/detect/roster.h"
#include "fairfight/disciplines/detect/tokenwise.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

class Entropy final : public OutputDetector {
 public:
  std::string_view name() const override { return "entropy"; }
  std::string_view title() const override { return "output entropy"; }
  std::string_view about() const override { return "−Σ p log p of the next token, after each token"; }

  at::Tensor measure(const Outputs& outputs, const at::Tensor&, const Settings&) const override { return outputs.entropy; }
};

}  // namespace

std::unique_ptr<const Contestant<Detect>> entropy() { return std::make_unique<Entropy>(); }

}  // namespace fairfight
