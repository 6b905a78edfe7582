#include "fairfight/disciplines/repair/roster.h"

namespace fairfight {

using Repairer = std::unique_ptr<const Contestant<Repair>>;

// Challengers
Repairer zero_clamp(), negative_clamp(), conditional_clamp(), dsg(), crisp(), pisces();
// ... for what the dictionary never saw
Repairer composition(), error_surgery(), boosted_dictionary(), anomaly_fallback();

// Baselines that edit activations at run time
Repairer difference_of_means(), refusal_direction(), leace_repair(), random_subspace(), probe_gate(), mahalanobis_gate();

// Baselines that look at words alone
Repairer ban_list(), word_rules(), word_gate();

// Baselines that change weights
Repairer orthogonalised_weights(), gradient_ascent(), grad_diff(), npo(), simnpo(), dpo(), rmu(), adaptive_rmu(), rmu_lat(), representation_rerouting(),
    refusal_tuning(), refusal_lora(), clean_tuning(), task_vector(), undo();

// References outside the contest
Repairer untouched(), retrained();

namespace {

using Make = Repairer (*)();

Roster<Repair> roster_of(bool of_the_unseen) {
  std::vector<Make> list{zero_clamp, negative_clamp, conditional_clamp, dsg, crisp, pisces};
  if (of_the_unseen) list.insert(list.end(), {composition, error_surgery, boosted_dictionary, anomaly_fallback});
  list.insert(list.end(), {difference_of_means, refusal_direction, leace_repair, random_subspace, probe_gate, mahalanobis_gate, ban_list, word_rules, word_gate});
  list.insert(list.end(), {orthogonalised_weights, gradient_ascent, grad_diff, npo, simnpo, dpo, rmu, adaptive_rmu, rmu_lat, representation_rerouting,
                           refusal_tuning, refusal_lora, clean_tuning, task_vector, undo});
  list.insert(list.end(), {untouched, retrained});
  Roster<Repair> roster;
  for (const Make make : list) roster.push_back(make());
  return roster;
}

}  // namespace

const Roster<Repair>& repairs() {
  static const Roster<Repair> list = roster_of(true);
  return list;
}

const Roster<Repair>& repairs_of_the_represented() {
  static const Roster<Repair> list = roster_of(false);
  return list;
}

}  // namespace fairfight
