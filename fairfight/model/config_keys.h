#pragma once
#include <set>
#include <string_view>

namespace fairfight {

/// The keys of a config.json that the code of transformers reads for this model_type. Any other cannot change what it computes.
const std::set<std::string_view>& keys_read(std::string_view model_type);

}  // namespace fairfight
