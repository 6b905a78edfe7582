#pragma once
#include <optional>

#include "fairfight/report/terminal_layout.h"

namespace fairfight {

/// A section as a terminal shows it.
struct SectionText {
  std::optional<TextTable> table;
  std::vector<std::string> says;   // sentences below it
  std::vector<std::string> notes;  // how to read it
};

/// None where it is left to the page: curves over many amounts.
std::optional<SectionText> section_text(const Result& result, const Section& section);

}  // namespace fairfight
