#pragma once
#include "fairfight/arena/contest.h"
#include "fairfight/arena/scores.h"

namespace fairfight {

constexpr std::string_view kCalibration = "calibration";  // clean items that set a conformal threshold; not part of the score

/// Mean AUROC of the families against the clean items, or their own.
double mean_auroc(const ItemScores& scores);

/// Scores of which one is no number tell no text from another: then all are 0.
ItemScores or_no_skill(ItemScores scores);

/// What is reported of detectors beside the AUROC (the section "secondary"): TPR at 1 % FPR, FPR at 95 % TPR and what a conformal threshold realises.
Section detection_section(const Contest& contest);

}  // namespace fairfight
