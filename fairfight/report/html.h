#pragma once
#include <string>

#include "fairfight/report/result.h"

namespace fairfight {

/// The result as one self-contained page: no script, nothing loaded (its content security policy forbids both), light or
/// dark as the reader prefers, fit for a phone and for print. A pure function of a checked result; all its text is escaped.
std::string html_report(const Result& result);

}  // namespace fairfight
