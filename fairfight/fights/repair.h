#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fairfight/arena/fight.h"
#include "fairfight/model/patch.h"
#include "fairfight/organism/tinytown/harms.h"

namespace fairfight {

/// The card's [data] table of a fight about a repair.
struct RepairData {
  std::string behaviour;                  // a harm that is planted, or a user's file of examples: *.jsonl
  std::vector<std::string> oracles;       // one a model: trained without it; of a user's model one or none
  size_t pool, prompts, probes, retained, test_prompts, test_probes, test_retained, relearn;
  size_t examples, example_texts;         // what a repair is made from
  double delta_ce, ability, judge_error;  // the budget of side effects; of the judge who approves lists of features
  std::optional<double> dose;             // the share of harmful documents in the dictionary's text; empty: what is natural
  bool harvest_oracle = false;            // the dictionary learns from the oracle's activations, not from the model's

  // Of a user's own alone.
  size_t of_examples;                // so many are dealt to the fit split, of which a study uses `examples`
  std::string text, field = "text";  // ordinary text: a file, see io/texts.h, and what of it
  size_t passage = 64;               // tokens that a longer document is cut to

  explicit RepairData(const Json& json);
  bool own() const { return behaviour.ends_with(".jsonl"); }
};

/// One organism of such a fight: all of its text. The memo is a venue's.
std::unique_ptr<Round<Patch>> repair_round(const Card& card, size_t index, const RepairData& data, Memo& memo);

/// The dictionary's text in that organism.
std::vector<Tokens> draw_pool(const Harm& harm, uint64_t world_seed, const RepairData& data);

/// As it is hashed for a registration: the token ids, a document a line.
std::string written(const std::vector<Tokens>& documents);

/// What such a card becomes about a behaviour of a user's model. Errors: what is missing, or of another fight.
void bring_repair(Json& data, const Own& own);

/// Runs a card of a fight whose contestants hand in a patch.
Result run_repair(const FightInfo& info, const Roster<Patch>& roster, const Card& card, const Venue& venue);

/// What that takes.
Plan plan_repair(const FightInfo& info, const Roster<Patch>& roster, const Card& card);

/// Some contestants of such a card alone: no verdict. By contestant, a score an organism: the mean over its runs.
std::map<std::string, std::vector<double>> study_repair(const FightInfo& info, const Roster<Patch>& roster, Card card,
                                                        const std::vector<std::string>& contestants, const Venue& venue);

}  // namespace fairfight
