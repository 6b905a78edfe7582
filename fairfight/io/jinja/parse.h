#pragma once
#include <string>
#include <string_view>

#include "fairfight/io/jinja/tree.h"

namespace fairfight::jinja {

/// Errors name the template and what is wrong or not implemented.
Block parse(std::string_view source, const std::string& what);

}  // namespace fairfight::jinja
