#pragma once
#include <string>

#include "fairfight/report/result.h"

namespace fairfight {

/// What a contestant chose on validation, its runs' mean, and how many of its trials were allowed.
struct OperatingPoint {
  size_t chosen = 0, allowed = 0, trials = 0;
  std::vector<double> values;  // one an axis, means over what was chosen; zeros where nothing was
};
OperatingPoint operating_point(const Section::Scatter& scatter, const Section::Scatter::Cloud& cloud);

/// Every trial by its price and what it gained: the limit as a line, what was chosen with its name, and the best that either side
/// reaches at each price as steps. Empty where there is no trial.
std::string scatter_chart(const Result& result, const Section::Scatter& scatter);

/// Up to where the horizontal scale of that picture is linear, and how many trials lie above or below the picture.
double linear_up_to(const Section::Scatter& scatter);
size_t outside_of_picture(const Result& result, const Section::Scatter& scatter);

/// The operating points in numbers.
std::string scatter_table(const Result& result, const Section::Scatter& scatter);

/// A section's scatter as a part of the page: the picture and its operating points.
std::string scatter_html(const Result& result, const Section& section, const Section::Scatter& scatter);

}  // namespace fairfight
