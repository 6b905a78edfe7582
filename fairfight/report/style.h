#pragma once
#include <string_view>

namespace fairfight {

/// The page's style sheet: fonts of the reader's own system, colours as variables for light, dark and print.
extern const std::string_view kPageStyle;

}  // namespace fairfight
