#include "fairfight/contestants/detect/tokenwise.h"
#include "fairfight/contestants/detect/roster.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

class ActivationNorm final : public Contestant<Detector> {
 public:
  std::string_view name() const override { return "activation_norm"; }
  std::string_view title() const override { return "activation norm"; }
  std::string_view about() const override { return "‖x‖ a token: what a reconstruction error often is in disguise"; }
  Role role() const override { return Role::baseline; }
  SearchSpace space() const override { return SearchSpace().knob("aggregation", aggregations()); }

  std::unique_ptr<Detector> prepare(Corner& corner, const Settings& settings) const override {
    return tokenwise(corner.site(), [](const at::Tensor& x) { return x.norm(2, 1); }, settings.text("aggregation"));
  }
};

}  // namespace

std::unique_ptr<const Contestant<Detector>> activation_norm() { return std::make_unique<ActivationNorm>(); }

}  // namespace fairfight
