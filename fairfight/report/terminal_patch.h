#pragma once
#include <optional>

#include "fairfight/report/terminal_layout.h"

// What a terminal shows of a fight of patches besides; none where there is no such part.
namespace fairfight {

std::optional<TextTable> side_effects_text(const Result& result);
std::optional<TextTable> robustness_text(const Result& result);
std::optional<TextTable> doses_text(const Result& result);
std::optional<TextTable> few_shots_text(const Result& result);

}  // namespace fairfight
