#pragma once
#include <string>

#include "fairfight/report/result.h"

namespace fairfight {

/// Scores by family with intervals; the stronger a cell's tint, the nearer to perfect. Worse than no skill has another tint.
std::string score_table(const Result& result);

/// What every contestant spent, all seeds together.
std::string ledger_table(const Result& result);

/// How good the dictionary of each seed is.
std::string quality_table(const Result& result);

}  // namespace fairfight
