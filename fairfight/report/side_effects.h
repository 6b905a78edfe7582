#pragma once
#include <string>

#include "fairfight/report/result.h"

namespace fairfight {

/// What a contestant chose on validation, its runs' mean, and how many of its trials keep within the budget.
struct OperatingPoint {
  size_t chosen = 0, allowed = 0, trials = 0;
  double score = 0, delta_ce = 0, ability = 0;  // means over what was chosen
};
OperatingPoint operating_point(const Result::Trials& of);

/// Every trial by what it does to other text and how much it removes: the budget as a line, what was chosen with its name,
/// and the best that either side reaches at each price as steps.
std::string side_effects_chart(const Result& result, const Result::SideEffects& effects);

/// Up to where the horizontal scale of that picture is linear, and how many trials lie above or below the picture.
double linear_up_to(const Result::SideEffects& effects);
size_t outside_of_picture(const Result& result, const Result::SideEffects& effects);

/// The operating points in numbers.
std::string side_effects_table(const Result& result, const Result::SideEffects& effects);

}  // namespace fairfight
