#pragma once
#include <string>

#include "fairfight/report/result.h"

// A line a contestant, labelled at its end; and the same in numbers.
namespace fairfight {

/// The best validation score that so many trials can be expected to find.
std::string tuning_chart(const Result& result);
std::string tuning_table(const Result& result);

/// The score against the share of the behaviour in the dictionary's text, with the slope of the verdict's challenger.
std::string doses_chart(const Result& result, const Result::Doses& doses);
std::string doses_table(const Result& result, const Result::Doses& doses);

/// The score against the number of examples of the behaviour.
std::string few_shots_chart(const Result& result, const Result::FewShots& few_shots);
std::string few_shots_table(const Result& result, const Result::FewShots& few_shots);

}  // namespace fairfight
