#include "fairfight/disciplines/repair/features.h"
#include "fairfight/disciplines/repair/roster.h"
#include "fairfight/methods/hooks.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

class ZeroClamp final : public FeatureRepair {
 public:
  std::string_view name() const override { return "zero_clamp"; }
  std::string_view title() const override { return "zero clamp"; }
  std::string_view about() const override { return "f_j <- 0 for the chosen features, error kept; features by contrast, ratio, attribution or output"; }
  SiteUse site_use() const override { return SiteUse::all; }

  std::unique_ptr<Patch> repair(Corner<Repair>& corner, const Settings&, const at::Tensor& features, const FeatureReport&) const override {
    const auto zero = at::zeros({features.size(0)});
    return std::make_unique<Patch>(Patch{nullptr, {clamp_hook(corner.dictionary(), {corner.site(), features, zero, zero})}});
  }
};

}  // namespace

std::unique_ptr<const Contestant<Repair>> zero_clamp() { return std::make_unique<ZeroClamp>(); }

}  // namespace fairfight
