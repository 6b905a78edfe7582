#include "fairfight/contestants/patch/roster.h"

namespace fairfight {

using Repair = std::unique_ptr<const Contestant<Patch>>;

// Challengers
Repair zero_clamp(), negative_clamp(), conditional_clamp(), dsg();
// Baselines that train weights
Repair gradient_ascent(), grad_diff(), npo(), simnpo(), dpo(), rmu(), adaptive_rmu(), representation_rerouting(), refusal_tuning(), refusal_lora();

const Roster<Patch>& repairs() {
  static const Roster<Patch> list = [] {
    Roster<Patch> roster;
    for (auto make : {
             zero_clamp, negative_clamp, conditional_clamp, dsg,
             gradient_ascent, grad_diff, npo, simnpo, dpo, rmu, adaptive_rmu, representation_rerouting, refusal_tuning, refusal_lora,
         })
      roster.push_back(make());
    return roster;
  }();
  return list;
}

}  // namespace fairfight
