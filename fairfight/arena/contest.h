#pragma once
#include <optional>
#include <vector>

#include "fairfight/arena/basis.h"
#include "fairfight/arena/outcome.h"
#include "fairfight/arena/task.h"
#include "fairfight/arena/tier.h"

namespace fairfight {

/// A fight when all is scored, whatever its discipline. The metric and the constraints are the info's.
struct Contest {
  const FightInfo& info;
  const Card& card;
  const std::vector<ContestantInfo>& contestants;               // in the order of Entry::contestant
  const std::vector<std::optional<Calibration>>& calibrations;  // parallel
  const std::vector<Basis>& bases;                              // the dictionary first
  const std::vector<Result::Family>& families;
  const std::vector<RoundOutcome>& outcomes;
  Result::Registration registration;
  Cases cases;  // where they come from decides how much the evidence can be worth
};

/// What it amounts to: the metric (bootstrap.h) by family and its mean, averaged over organisms and dictionary seeds; bounds by
/// the judge (judge.h) from a hierarchical bootstrap, paired by item and seed; the verdict of the challenger that was best on
/// validation, at 0, 10 and 100 % of the dictionary's compute; necessity, tier, and as sections what every trial cost where there are constraints, and the tuning curves.
/// A run that its budget does not pay for, or that found nothing within the constraints, scores no skill.
Result judge_contest(const Contest& contest, const Tick& tick);

inline constexpr const char* kTrials = "side_effects";  // ids of these two
inline constexpr const char* kTuning = "tuning";

/// In front of another one, or at the end where there is no such.
void put_section(Result& result, Section section, std::string_view before = kTuning);

/// All of a contestant's runs with the fight's own dictionary, or with none.
std::vector<const Run*> runs_of(const Contest& contest, size_t contestant);

/// A mean over organisms with Student's bounds, each at `level`; of one organism there is no interval.
Estimate over_organisms(const std::vector<double>& values, double level);

}  // namespace fairfight
