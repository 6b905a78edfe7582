#pragma once
#include <optional>
#include <vector>

#include "fairfight/arena/basis.h"
#include "fairfight/arena/fight.h"
#include "fairfight/arena/outcome.h"

namespace fairfight {

constexpr std::string_view kCalibration = "calibration";  // clean items that set a conformal threshold; not part of the score

/// Mean AUROC of the families against the clean items.
double mean_auroc(const ItemScores& scores);

/// A fight of detectors when all is scored.
struct DetectionFight {
  const FightInfo& info;
  const Card& card;
  const std::vector<ContestantInfo>& contestants;                // in the order of Entry::contestant
  const std::vector<std::optional<Calibration>>& calibrations;   // parallel
  const std::vector<Basis>& bases;                               // the dictionary first
  const std::vector<Result::Family>& families;
  const std::vector<RoundOutcome>& outcomes;
  Result::Registration registration;
  bool organism;  // its behaviours were planted: no evidence above tier 3
};

/// What it amounts to: AUROC by family and their mean, averaged over organisms and dictionary seeds; bounds by the judge
/// (judge.h) from a hierarchical bootstrap, paired by item and seed; the verdict of the challenger that was best on validation,
/// at 0, 10 and 100 % of the dictionary's compute; necessity, tier and tuning curves. A run that its budget does not pay for
/// scores no skill.
Result judge_detection(const DetectionFight& fight, const Tick& tick);

}  // namespace fairfight
