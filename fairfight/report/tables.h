#pragma once
#include <string>

#include "fairfight/report/result.h"

namespace fairfight {

/// Scores by family with intervals; the stronger a cell's tint, the nearer to perfect. Worse than no skill has another tint.
std::string score_table(const Result& result);

/// What the judge says of every challenger.
std::string ruling_table(const Result& result);

/// The verdict with 0, 10 and 100 % of the dictionary's training charged.
std::string amortisation_table(const Result& result);

/// What every contestant spent, all runs together.
std::string ledger_table(const Result& result);

/// Whether every method is as good as it should be, and was allowed to be.
std::string audit_table(const Result& result);

/// How good the dictionary of each run is.
std::string quality_table(const Result& result);

}  // namespace fairfight
