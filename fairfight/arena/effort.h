#pragma once
#include <optional>
#include <string>
#include <vector>

#include "fairfight/arena/contest.h"
#include "fairfight/arena/portfolio.h"

namespace fairfight {

/// Why a contestant's tuning does not show how good it is.
struct UnderTuned {
  std::string why{};      // a sentence; empty: it was not
  bool unpaid = false;    // the budget did not pay for all trials
  bool unknown = false;   // nothing that it tried says how good it could be
  double gain = 0;        // else what it might gain on its best allowed trial, in units of the metric; of what was cut off, forbidden trials say it
};

/// In this order, the first that holds: the budget did not pay for all trials; it falls short of its reference on its calibration task; in a model fewer than three trials (or than
/// its space has) kept to the limits; the best score that so many trials can be expected to find still rose by more than the margin over the last half of them; in most models its
/// choice stands at an open end of a range.
UnderTuned under_tuned(const Contest& contest, size_t contestant);

/// By how much what these contestants put forward might be better, had all of them been tuned well: a mean over models and dictionary seeds, 0 where no under-tuned one could have
/// been put forward. Nothing is better than perfect.
double might_gain(const Contest& contest, const Lineup& put_forward, const std::vector<size_t>& contestants);
double might_gain(const Contest& contest, Role side);  // its portfolio

/// The best validation score that so many trials can be expected to find, by contestant.
Section tuning_section(const Contest& contest);

/// The best validation score that so many FLOPs buy each side, with the dictionary's training charged at each share, and from which use on a dictionary pays. Nothing where nobody
/// computed anything.
std::optional<Section> compute_section(const Contest& contest);

}  // namespace fairfight
