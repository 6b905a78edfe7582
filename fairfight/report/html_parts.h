#pragma once
#include <string>

#include "fairfight/report/result.h"

// The page's parts, in its order; html.cpp puts them together.
namespace fairfight {

// What was found (html_verdict.cpp).
std::string verdict_html(const Result& result);
std::string differences_html(const Result& result);
std::string scores_html(const Result& result);
std::string necessity_html(const Result& result);
std::string tier_html(const Result& result);

// What its discipline tells besides (html_sections.cpp).
std::string sections_html(const Result& result);

// Whether it was fair (html_fairness.cpp).
std::string costs_html(const Result& result);
std::string audit_html(const Result& result);

// What fought (html_roster.cpp).
std::string dictionary_html(const Result& result);
std::string roster_html(const Result& result);
std::string models_html(const Result& result);

}  // namespace fairfight
