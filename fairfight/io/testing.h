#pragma once
#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

// Safetensors files for tests, right or wrong.
namespace fairfight {

inline std::string length_bytes(uint64_t length) {
  return std::string(reinterpret_cast<const char*>(&length), sizeof length);
}

/// A file with this header, and `payload` bytes of zeros.
inline std::string safetensors_bytes(std::string_view header, size_t payload) {
  return length_bytes(header.size()) + std::string(header) + std::string(payload, '\0');
}

/// One tensor of a header.
inline std::string tensor_entry(const std::string& name, const std::string& dtype, const std::string& shape,
                                const std::string& offsets) {
  return fmt::format(R"("{}":{{"dtype":"{}","shape":[{}],"data_offsets":[{}]}})", name, dtype, shape, offsets);
}

/// A file of one tensor, "w".
inline std::string one_tensor(const std::string& dtype, const std::string& shape, const std::string& offsets,
                              size_t payload) {
  return safetensors_bytes("{" + tensor_entry("w", dtype, shape, offsets) + "}", payload);
}

inline const std::string kGoodTensors = one_tensor("U8", "4", "0,4", 4);

}  // namespace fairfight
