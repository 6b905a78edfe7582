#pragma once
#include <string>

#include "fairfight/report/result.h"

namespace fairfight {

/// The result as UTF-8 text for a terminal; with `colour`, ANSI escapes. Every line stays within `columns` (at least 80):
/// a narrow terminal goes without costs, long names of families, intervals and families, in this order. A pure function of a
/// checked result.
std::string terminal_report(const Result& result, bool colour, int columns = 100);

}  // namespace fairfight
