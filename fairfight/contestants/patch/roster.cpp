#include "fairfight/contestants/patch/roster.h"

namespace fairfight {

using Repair = std::unique_ptr<const Contestant<Patch>>;

// Baselines that train weights
Repair gradient_ascent(), grad_diff(), npo(), simnpo(), dpo(), rmu(), adaptive_rmu(), representation_rerouting(),
    refusal_tuning(), refusal_lora();

const Roster<Patch>& repairs() {
  static const Roster<Patch> list = [] {
    Roster<Patch> roster;
    for (auto make : {
             gradient_ascent,
             grad_diff,
             npo,
             simnpo,
             dpo,
             rmu,
             adaptive_rmu,
             representation_rerouting,
             refusal_tuning,
             refusal_lora,
         })
      roster.push_back(make());
    return roster;
  }();
  return list;
}

}  // namespace fairfight
