#pragma once
#include <functional>
#include <limits>
#include <optional>
#include <vector>

#include "fairfight/arena/basis.h"
#include "fairfight/arena/fight.h"
#include "fairfight/arena/outcome.h"
#include "fairfight/arena/tier.h"

namespace fairfight {

/// A fight when all is scored, whatever its discipline.
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

  // The discipline's own.
  Result::Metric metric;
  struct Range {
    double low = -std::numeric_limits<double>::infinity(), high = std::numeric_limits<double>::infinity();
  } range;                                                                     // of the metric
  std::vector<Result::Secondary> secondary;
  std::function<std::vector<double>(const std::vector<const Run*>& runs)> told;  // the secondary metrics of a contestant's runs
};

/// What it amounts to: the metric (bootstrap.h) by family and its mean, averaged over organisms and dictionary seeds; bounds by
/// the judge (judge.h) from a hierarchical bootstrap, paired by item and seed; the verdict of the challenger that was best on
/// validation, at 0, 10 and 100 % of the dictionary's compute; necessity, tier and tuning curves. A run that its budget does not
/// pay for, or that found nothing within the allowed side effects, scores no skill.
Result judge_contest(const Contest& contest, const Tick& tick);

}  // namespace fairfight
