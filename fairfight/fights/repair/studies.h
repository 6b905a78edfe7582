#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "fairfight/arena/task.h"
#include "fairfight/fights/repair/task.h"
#include "fairfight/report/result.h"

namespace fairfight {

/// The studies beside a fight about a repair, out of its card's [data]: what is varied.
struct Studies {
  std::vector<double> doses;       // shares of harmful documents in the dictionary's text, ascending
  std::vector<int64_t> few_shots;  // numbers of examples, ascending, below the fight's own
  int64_t examples;                // the fight's own

  Studies(const Json& data, int64_t examples);

  /// Takes out what cannot be made of files that have so many documents for the dictionary and so many harmful examples: doses of
  /// less than half a document or of more than there are, as many examples as the fight itself has or more. -> what, and why.
  std::string keep_possible(size_t pool, size_t examples);

  double seconds(size_t models) const;  // that they take on all cores, about
};

inline constexpr const char* kDoses = "doses";  // the sections' ids
inline constexpr const char* kFewShots = "few_shots";

/// Runs them side by side and puts the sections "doses" and "few_shots". Each is a fight of its own in studies/, with one thing
/// changed, a registration and a sealed test; it follows either side's best on validation and those that live from what the
/// dictionary lacks.
void add_studies(const Studies& studies, const FightInfo& info, const Roster<Repair>& roster, const Card& card, const Venue& venue, const Tick& tick, Result& result);

}  // namespace fairfight
