#pragma once
#include <string>

#include "fairfight/report/result.h"

namespace fairfight {

/// A challenger against every baseline: paired differences with intervals around a zero line, the families' below them, and
/// a band as wide as the margin of "competitive".
std::string forest_plot(const Result& result, const Result::Contestant& challenger);

/// A challenger with the dictionary minus the same with another basis in its place.
std::string necessity_plot(const Result& result, const Result::Contestant& challenger);

}  // namespace fairfight
