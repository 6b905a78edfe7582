#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace fairfight {

/// The bytes of a safetensors file with this header, right or wrong, and `payload` bytes of zeros.
inline std::string safetensors_bytes(std::string_view header, size_t payload) {
  const uint64_t length = header.size();
  return std::string(reinterpret_cast<const char*>(&length), sizeof length) + std::string(header) +
         std::string(payload, '\0');
}

}  // namespace fairfight
