#pragma once
#include <filesystem>
#include <string_view>

#include "fairfight/base/json.h"

namespace fairfight {

/// A card: TOML 1.0 as Json, so that `Fields` checks both alike. Keys come in order of name. Dates, NaN, infinities and more
/// than 64 levels are refused. Errors say file:line:column (of bytes).
Json read_toml(const std::filesystem::path& path);
Json parse_toml(std::string_view text, std::string_view what);

}  // namespace fairfight
