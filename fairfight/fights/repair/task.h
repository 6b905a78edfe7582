#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fairfight/arena/task.h"
#include "fairfight/arena/user_data.h"
#include "fairfight/disciplines/repair/discipline.h"
#include "fairfight/disciplines/repair/score.h"
#include "fairfight/organism/tinytown/harms.h"

namespace fairfight {

/// The behaviour and the abilities beside it, for the report.
struct RepairSubject {
  std::string name, about;
  std::vector<std::string> abilities;
};

/// The card's [data] table of a fight about a repair.
struct RepairData {
  std::string behaviour;                  // a harm that is planted, or a user's file of examples: *.jsonl
  std::vector<std::string> retrained;       // one a model: trained without it; of a user's model one or none
  size_t pool, prompts, probes, retained, test_prompts, test_probes, test_retained, relearn;
  size_t examples, example_texts;         // what a repair is made from
  double delta_ce, delta_near, spoiled = 0.05, ability, reviewer_error;  // the budget of side effects; of the reviewer who approves lists of features
  std::optional<double> dose;             // the share of harmful documents in the dictionary's text; empty: what is natural
  bool harvest_retrained = false;            // the dictionary learns from the retrained model's activations, not from the model's

  // Of a user's own alone.
  size_t of_examples;                // so many are dealt to the fit split, of which a study uses `examples`
  std::string text, field = "text";  // ordinary text: a file, see io/texts.h, and what of it
  size_t passage = 64;               // tokens that a longer document is cut to

  explicit RepairData(const Json& json);
  RepairBudget budget(std::vector<std::string> abilities) const;
  bool own() const { return behaviour.ends_with(".jsonl"); }
};

/// One organism of such a fight: all of its text. The memo is a venue's.
std::unique_ptr<Setup<Repair>> repair_setup(const Card& card, size_t index, const RepairData& data, Memo& memo);

/// The dictionary's text in that organism.
std::vector<Tokens> draw_pool(const tinytown::Harm& harm, uint64_t world_seed, const RepairData& data);

/// As it is hashed for a registration: the token ids, a document a line.
std::string written(const std::vector<Tokens>& documents);

/// What such a card becomes about a behaviour of a user's model. Errors: what is missing.
void override_repair(Json& data, const UserData& own);
const std::vector<Input>& repair_inputs();
extern const char* const kRepairFiles;  // how these are written

/// A fight about a repair: which one is in its info and its roster. The memo is a venue's, and outlives it.
class RepairTask : public Task<Repair> {
 public:
  RepairTask(FightInfo info, const Roster<Repair>& roster, const Card& card, Memo& memo);
  const FightInfo& info() const override { return info_; }
  const Card& card() const override { return card_; }
  const Roster<Repair>& contestants() const override { return roster_; }
  std::vector<Result::Family> families() const override;
  std::unique_ptr<Round> round(size_t index) const override { return repair_setup(card_, index, data_, memo_); }
  Workload work() const override;
  Cases cases(const std::vector<RoundOutcome>& outcomes) const override;
  std::optional<Calibration> parity(const Contestant<Repair>& contestant) const override;
  void tell(Result& result, const Contest& contest, const Venue& venue, const Tick& studies) const override;

 protected:
  const RepairData& data() const { return data_; }

 private:
  FightInfo info_;
  const Roster<Repair>& roster_;
  Card card_;
  RepairData data_;
  RepairSubject subject_;
  Memo& memo_;
};

/// Some contestants of such a card alone: no verdict. By contestant, a score an organism: the mean over its runs.
std::map<std::string, std::vector<double>> study_repair(const FightInfo& info, const Roster<Repair>& roster, Card card,
                                                        const std::vector<std::string>& contestants, const Venue& venue);

}  // namespace fairfight
