#pragma once
#include <optional>
#include <string>
#include <vector>

#include "fairfight/arena/contest.h"
#include "fairfight/arena/portfolio.h"

namespace fairfight {

/// Why a contestant's tuning does not show how good it is.
struct UnderTuned {
  std::string why{};      // a sentence, the first reason of those below; empty: it was not
  bool unpaid = false;    // the budget did not pay for all trials
  bool unknown = false;   // nothing that it tried says how good it could be
  bool cut = false;       // in some models limits on side effects left fewer than three trials: of what was cut off there, forbidden trials say it
  double gain = 0;        // what it might gain on its best allowed trial by all other reasons, in units of the metric
};

/// The budget did not pay for all trials; it falls short of its reference on its calibration task; in a model fewer than three trials (or than its space has) kept to the limits, with
/// half of the dictionaries at least; the best score that so many of its trials find in the mean still rose by more than the margin over the last half of them; in most models, and more
/// of them than one in ten such contestants would come to by chance, its choice stands at the same open end of a range.
UnderTuned under_tuned(const Contest& contest, size_t contestant);

/// By how much what these contestants put forward might be better in each organism, had all of them been tuned well: a mean over dictionary seeds, 0 where no under-tuned one could have
/// been put forward. Nothing is better than perfect. A side that had nothing allowed in 20 trials each has failed; in fewer it might have had what it was forbidden. Under a threat whoever hands in nothing that stays gains nothing, and a forbidden trial is worth what it was without the threat.
std::vector<double> might_gain(const Contest& contest, const Lineup& put_forward, const std::vector<size_t>& contestants);
std::vector<double> might_gain(const Contest& contest, Role side, size_t share = kPrimary, const std::string& threat = "");  // its portfolio

/// The best validation score that so many trials can be expected to find, by contestant.
Section tuning_section(const Contest& contest);

/// The best validation score that so many FLOPs buy each side, with the dictionary's training charged at each share, and from which use on a dictionary pays. Nothing where nobody
/// computed anything.
std::optional<Section> compute_section(const Contest& contest);

}  // namespace fairfight
