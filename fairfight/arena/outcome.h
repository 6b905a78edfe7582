#pragma once
#include <array>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "fairfight/arena/ledger.h"
#include "fairfight/arena/scores.h"
#include "fairfight/arena/task.h"
#include "fairfight/report/result.h"

namespace fairfight {

/// The shares of a dictionary's training that are charged to who uses it; the middle one is the primary reading.
constexpr auto kShares = std::to_array(Result::kShares);
constexpr size_t kPrimary = 1;
static_assert(kShares[kPrimary] == Result::kPrimaryShare);

struct Trial {
  Settings settings;
  Validation validation;
  int64_t flops = 0;  // spent by the run when it was done, without the dictionary
  std::string tag{};  // of what was made (Round::tag)
};

/// How many trials, from the first one on, `budget` (0: no limit) pays for when `charge` is taken off beforehand.
size_t affordable(const std::vector<Trial>& trials, double budget, double charge);

/// The best affordable and allowed trial on validation, the first of equals; empty where there is none.
std::optional<size_t> best_trial(const std::vector<Trial>& trials, double budget, double charge);

/// One contestant in one organism, with one dictionary or none.
struct Run {
  std::vector<Trial> trials;
  std::array<std::optional<size_t>, kShares.size()> chosen;  // at each share
  std::map<size_t, ItemScores> scores;                       // of the chosen trials, on the test split
  std::map<size_t, Effects> side_effects;                    // ... and what they changed besides
  std::map<std::string, Attacked> attacked;                  // by threat: what is chosen at the primary share, with the fight's own dictionary
  std::map<std::string, double> findings;                    // on what is chosen at the primary share: reported, never judged
  Ledger ledger;

  /// What is chosen follows from the trials, and is not in it.
  Json json() const;
  static Run read(const Json& json);
};

/// One contestant in one organism with one basis, "" for whoever uses none: a run a dictionary seed, or just one.
struct Entry {
  size_t contestant = 0;
  std::string basis;
  std::vector<Run> runs;
};

/// One organism after the fight.
struct RoundOutcome {
  Result::Model model;
  std::vector<Result::Quality> dictionaries;                                // one a dictionary seed
  std::map<std::string, std::pair<double, double>> bases;                   // basis -> mean FVU, mean L0
  double dictionary_flops = 0;                                              // of one dictionary: harvest and training
  std::vector<Entry> entries;

  const Entry& entry(size_t contestant, const std::string& basis) const;
  bool has(size_t contestant, const std::string& basis) const;
};

/// The best of a role on validation, the first of equals: whom either side puts forward. `basis` is the fight's dictionary for
/// challengers. Empty if nobody plays the role.
std::optional<size_t> champion_of(const std::vector<ContestantInfo>& contestants, std::span<const RoundOutcome> outcomes, Role role,
                                  const std::string& basis, double no_skill);

}  // namespace fairfight
