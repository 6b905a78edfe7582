#pragma once
#include <string>

#include "fairfight/report/result.h"

namespace fairfight {

/// A line a contestant, labelled at its end, with the slope of the verdict's challenger where it has one; and the same in numbers.
std::string curves_chart(const Result& result, const Section::Curves& curves);
std::string curves_table(const Result& result, const Section::Curves& curves);

/// A section's curves as a part of the page.
std::string curves_html(const Result& result, const Section& section, const Section::Curves& curves);

}  // namespace fairfight
