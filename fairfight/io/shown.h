#pragma once
#include <string>
#include <string_view>

namespace fairfight {

/// A name or a word from an untrusted file, fit for a one-line message: control characters become spaces, and a long one is
/// cut to 80 bytes.
std::string shown(std::string_view untrusted);

}  // namespace fairfight
