#pragma once
#include <string>
#include <string_view>

namespace fairfight {

/// AES-256-GCM under a key that is the SHA-256 of `secret`: the text comes back from the same secret and context only.
/// A secret must not serve twice for different texts: the nonce is derived from it.
std::string encipher(std::string_view text, std::string_view secret, std::string_view context);

/// Error: another secret or context, or bytes that were changed.
std::string decipher(std::string_view bytes, std::string_view secret, std::string_view context);

}  // namespace fairfight
