#include "fairfight/contestants/patch/roster.h"

namespace fairfight {

using Repair = std::unique_ptr<const Contestant<Patch>>;

// Baselines that edit activations at run time
Repair difference_of_means(), refusal_direction(), leace_repair(), probe_gate();

// Baselines that change weights
Repair orthogonalised_weights();

// References outside the contest
Repair untouched(), retrained();

const Roster<Patch>& repairs() {
  static const Roster<Patch> list = [] {
    Roster<Patch> roster;
    for (auto make : {
             difference_of_means, refusal_direction, leace_repair, probe_gate,

             orthogonalised_weights,

             untouched, retrained,
         })
      roster.push_back(make());
    return roster;
  }();
  return list;
}

}  // namespace fairfight
