#pragma once
#include <string>

#include "fairfight/base/json.h"

namespace fairfight {

/// Free JSON as HTML for a reader: objects become definition lists, lists of objects numbered lists, the rest text.
std::string datasheet_html(const Json& datasheet);

/// One line of text: "k 8, learning rate 0.001". Not escaped.
std::string settings_text(const Json& settings);

}  // namespace fairfight
