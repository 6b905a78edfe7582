#pragma once
#include <string>
#include <vector>

#include "fairfight/report/result.h"

namespace fairfight {

/// The best validation score that so many trials can be expected to find: a line a contestant, labelled at its end.
std::string tuning_chart(const Result& result);

/// The same in numbers.
std::string tuning_table(const Result& result);

/// Places for labels that want to stand at the ascending `wanted`: at least `gap` apart, from `low` on, moved as little as
/// can be (least squares).
std::vector<double> spread(const std::vector<double>& wanted, double gap, double low, double high);

}  // namespace fairfight
