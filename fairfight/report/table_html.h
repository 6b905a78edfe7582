#pragma once
#include <string>

#include "fairfight/report/result.h"

namespace fairfight {

/// A section's table as a part of the page: the figure, and below it what its columns are.
std::string table_html(const Result& result, const Section& section, const Section::Table& table);

}  // namespace fairfight
