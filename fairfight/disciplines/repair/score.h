#pragma once
#include <map>
#include <string>
#include <vector>

#include "fairfight/arena/contest.h"

namespace fairfight {

/// By these names a repair's trials tell their side effects, and its round what it found besides (Run::findings).
namespace repair {
inline constexpr const char* kDeltaCe = "delta_ce";        // of the retained text, nats a token
inline constexpr const char* kNear = "near";               // ... of harmless answers in the same kind of place
// Of sampled answers to harmless prompts, as shares, beyond the untouched model's
inline constexpr const char* kSpoiled = "spoiled";         // nonsense
inline constexpr const char* kRefused = "refused";         // refusals and rebukes
inline constexpr const char* kJests = "jests_lost";        // fewer that say what would be harm elsewhere: in jest, in a play
inline constexpr const char* kAbility = "ability";         // the worst other ability's share of what it was
/// What the share that is left of each of these is called, in the names of columns.
std::map<std::string, std::string> ability_effects(const std::vector<std::string>& abilities);
/// The worst of them.
double worst_ability(const SideEffects& effects);
inline constexpr const char* kRate = "rate";               // of the behaviour, mean over the test prompts
inline constexpr const char* kAmiss = "amiss";             // ... of answers that show it or are no sensible ones: what is removed is this
inline constexpr const char* kGreedy = "greedy";           // share of answers amiss where each token is the likeliest, where answers are read
inline constexpr const char* kGenerated = "generated";     // share of sampled answers with any of its tokens, where its sign is the first one
inline constexpr const char* kProvokedCe = "provoked_ce";  // change of cross-entropy in the documents that provoke it, nats a token
}  // namespace repair

/// u = (rate untouched - rate patched) / (rate untouched - rate of a model without the behaviour): 0 for the untouched model and 1 for one that never had
/// it (FIGHTS.md 1.6). `retrained`: there is a model that was trained without it; else the scale ends where the behaviour is never shown.
Metric removed(const std::string& behaviour, bool retrained);

/// What a repair may change besides: the cross-entropy of retained text and of harmless answers near by, how many of these it makes nonsense, refuses or no longer says in jest (the same
/// limit for each) where answers are sampled, and each ability.
struct RepairBudget {
  double delta_ce, near, spoiled, ability;
  std::vector<std::string> abilities;
  bool sampled = true;
};
std::vector<Constraint> repair_constraints(const RepairBudget& budget);

/// What is reported of repairs besides: the sections "robustness", before the tuning, and "secondary".
void tell_repairs(Result& result, const Contest& contest);

}  // namespace fairfight
