#pragma once
#include "fairfight/arena/referee.h"

namespace fairfight {

constexpr std::string_view kClean = "clean";

/// Mean AUROC of the families against the clean items.
double mean_auroc(const ItemScores& scores);

/// What the outcomes of a fight of detectors amount to: AUROC by family and their mean, each averaged over the seeds, with
/// percentile intervals from a bootstrap that draws the items of every seed and group anew, the same draw for every
/// contestant, so that differences are paired by item. The seeds themselves are not redrawn: three are too few to.
Result detection_result(const FightInfo& info, const Card& card, const std::vector<ContestantInfo>& contestants,
                        const std::vector<Result::Family>& families, const std::vector<RoundOutcome>& outcomes);

}  // namespace fairfight
