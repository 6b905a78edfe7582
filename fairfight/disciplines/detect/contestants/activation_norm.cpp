#include "fairfight/disciplines/detect/roster.h"
#include "fairfight/disciplines/detect/tokenwise.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

class ActivationNorm final : public RowDetector {
 public:
  std::string_view name() const override { return "activation_norm"; }
  std::string_view title() const override { return "activation norm"; }
  std::string_view about() const override { return "‖x‖ a token: what a reconstruction error often is in disguise"; }

  RowFit fit(Corner<Detect>&, const Settings&) const override {
    return [](const at::Tensor& x) { return x.to(at::kDouble).norm(2, 1); };
  }
};

}  // namespace

std::unique_ptr<const Contestant<Detect>> activation_norm() { return std::make_unique<ActivationNorm>(); }

}  // namespace fairfight
