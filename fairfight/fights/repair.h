#pragma once
#include "fairfight/arena/fight.h"
#include "fairfight/model/patch.h"

namespace fairfight {

/// The card's [data] table of a fight about a repair.
struct RepairData {
  std::string behaviour;                  // a harm that is planted
  std::vector<std::string> oracles;       // one a model: trained without it
  size_t pool, prompts, probes, retained, test_prompts, test_probes, test_retained, relearn;
  size_t examples, example_texts;         // what a repair is made from
  double delta_ce, ability, judge_error;  // the budget of side effects; of the oracle that approves lists of features
  double dose = 1;                        // of the behaviour's natural share in the dictionary's text; 0: it never saw it

  explicit RepairData(const Json& json);
};

/// Runs a card of a fight whose contestants hand in a patch.
Result run_repair(const FightInfo& info, const Card& card, const Venue& venue);

}  // namespace fairfight
