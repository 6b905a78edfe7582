#include "fairfight/disciplines/repair/features.h"
#include "fairfight/disciplines/repair/roster.h"
#include "fairfight/methods/hooks.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

class ConditionalClamp final : public FeatureRepair {
 public:
  std::string_view name() const override { return "conditional_clamp"; }
  std::string_view title() const override { return "conditional clamp"; }
  std::string_view about() const override { return "f_j <- -c max f_j only where f_j exceeds a share of its maximum (Khoriaty et al. 2025)"; }
  SiteUse site_use() const override { return SiteUse::all; }
  SearchSpace own_space() const override { return SearchSpace().log_uniform("strength", 0.02, 2).log_uniform("threshold", 0.03, 0.8); }

  std::unique_ptr<Patch> repair(Corner<Repair>& corner, const Settings& settings, const at::Tensor& features, const FeatureReport& report) const override {
    const auto largest = report.largest.index_select(0, features).to(at::kFloat);
    return std::make_unique<Patch>(Patch{nullptr, {clamp_hook(corner.dictionary(), {corner.site(), features, largest * -settings.number("strength"), largest * settings.number("threshold")})}});
  }
};

}  // namespace

std::unique_ptr<const Contestant<Repair>> conditional_clamp() { return std::make_unique<ConditionalClamp>(); }

}  // namespace fairfight
