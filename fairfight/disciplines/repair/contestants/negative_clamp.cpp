#include "fairfight/disciplines/repair/features.h"
#include "fairfight/disciplines/repair/roster.h"
#include "fairfight/methods/hooks.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

class NegativeClamp final : public FeatureRepair {
 public:
  std::string_view name() const override { return "negative_clamp"; }
  std::string_view title() const override { return "negative clamp"; }
  std::string_view about() const override { return "f_j <- -c max f_j where f_j fires (Farrell et al. 2024: zero is too weak)"; }
  SiteUse site_use() const override { return SiteUse::all; }
  SearchSpace own_space() const override { return SearchSpace().log_uniform("strength", 0.1, 5); }

  std::unique_ptr<Patch> repair(Corner<Repair>& corner, const Settings& settings, const at::Tensor& features, const FeatureReport& report) const override {
    const auto value = (report.largest.index_select(0, features) * -settings.number("strength")).to(at::kFloat);
    return std::make_unique<Patch>(Patch{nullptr, {clamp_hook(corner.dictionary(), {corner.site(), features, value, at::zeros_like(value)})}});
  }
};

}  // namespace

std::unique_ptr<const Contestant<Repair>> negative_clamp() { return std::make_unique<NegativeClamp>(); }

}  // namespace fairfight
