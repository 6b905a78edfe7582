#pragma once
#include <string>

#include "fairfight/report/result.h"

namespace fairfight {

/// A challenger against every baseline: paired differences with intervals around a zero line, and the families' below them.
std::string forest_plot(const Result& result, const Result::Contestant& challenger);

/// Every contestant's score in every family, with intervals; each seed a faint dot.
std::string family_plot(const Result& result);

/// Which mark is which family.
std::string family_legend(const Result& result);

}  // namespace fairfight
