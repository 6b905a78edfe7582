#include "fairfight/contestants/patch/roster.h"

namespace fairfight {

using Repair = std::unique_ptr<const Contestant<Patch>>;

// Challengers
Repair zero_clamp(), negative_clamp(), conditional_clamp(), dsg(), crisp(), pisces(), composition(), error_surgery(), boosted_dictionary(), anomaly_fallback();

// Baselines that edit activations at run time
Repair difference_of_means(), refusal_direction(), leace_repair(), probe_gate();

// Baselines that change weights
Repair orthogonalised_weights(), gradient_ascent(), grad_diff(), npo(), simnpo(), dpo(), rmu(), adaptive_rmu(), representation_rerouting(),
    refusal_tuning(), refusal_lora();

// References outside the contest
Repair untouched(), retrained();

const Roster<Patch>& repairs() {
  static const Roster<Patch> list = [] {
    Roster<Patch> roster;
    for (auto make : {
             zero_clamp, negative_clamp, conditional_clamp, dsg, crisp, pisces, composition, error_surgery, boosted_dictionary, anomaly_fallback,

             difference_of_means, refusal_direction, leace_repair, probe_gate,

             orthogonalised_weights, gradient_ascent, grad_diff, npo, simnpo, dpo, rmu, adaptive_rmu, representation_rerouting,
             refusal_tuning, refusal_lora,

             untouched, retrained,
         })
      roster.push_back(make());
    return roster;
  }();
  return list;
}

}  // namespace fairfight
