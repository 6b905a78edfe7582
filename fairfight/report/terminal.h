#pragma once
#include <string>

#include "fairfight/report/result.h"

namespace fairfight {

/// The result as UTF-8 text for a terminal; with `colour`, ANSI escapes. Every line stays within `columns` (at least 80),
/// unless there are more families than fit beside each other. A pure function of a checked result.
std::string terminal_report(const Result& result, bool colour, int columns = 100);

}  // namespace fairfight
