#include "fairfight/contestants/patch/roster.h"

namespace fairfight {

using Repair = std::unique_ptr<const Contestant<Patch>>;

// Challengers
Repair zero_clamp(), negative_clamp(), conditional_clamp(), dsg(), crisp(), pisces();
// ... for what the dictionary never saw
Repair composition(), error_surgery(), boosted_dictionary(), anomaly_fallback();

// Baselines that edit activations at run time
Repair difference_of_means(), refusal_direction(), leace_repair(), probe_gate();

// Baselines that change weights
Repair orthogonalised_weights(), gradient_ascent(), grad_diff(), npo(), simnpo(), dpo(), rmu(), adaptive_rmu(), representation_rerouting(),
    refusal_tuning(), refusal_lora();

// References outside the contest
Repair untouched(), retrained();

namespace {

using Make = Repair (*)();

Roster<Patch> roster_of(std::initializer_list<std::initializer_list<Make>> groups) {
  Roster<Patch> roster;
  for (const auto& group : groups)
    for (const Make make : group) roster.push_back(make());
  return roster;
}

const std::initializer_list<Make> kChallengers{zero_clamp, negative_clamp, conditional_clamp, dsg, crisp, pisces};
const std::initializer_list<Make> kOfTheUnseen{composition, error_surgery, boosted_dictionary, anomaly_fallback};
const std::initializer_list<Make> kHooked{difference_of_means, refusal_direction, leace_repair, probe_gate};
const std::initializer_list<Make> kBaked{orthogonalised_weights, gradient_ascent, grad_diff, npo, simnpo, dpo, rmu, adaptive_rmu, representation_rerouting,
                                         refusal_tuning, refusal_lora};
const std::initializer_list<Make> kReferences{untouched, retrained};

}  // namespace

const Roster<Patch>& repairs() {
  static const Roster<Patch> list = roster_of({kChallengers, kOfTheUnseen, kHooked, kBaked, kReferences});
  return list;
}

const Roster<Patch>& repairs_of_the_represented() {
  static const Roster<Patch> list = roster_of({kChallengers, kHooked, kBaked, kReferences});
  return list;
}

}  // namespace fairfight
