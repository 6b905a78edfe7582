#pragma once
#include <string_view>

namespace fairfight {

/// "0.2.0 (1a2b3c4d5e6f)": the release and, where it was built from a git checkout, the commit ("+" after it: with changes).
extern const std::string_view kVersion;

}  // namespace fairfight
