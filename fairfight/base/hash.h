#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace fairfight {

/// Lower-case hexadecimal SHA-256, for provenance: files, registrations, corpora.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void update(const void* data, size_t bytes);
  void update(std::string_view text) { update(text.data(), text.size()); }
  std::string hex();  // ends the hash; call once

 private:
  void* context_;
};

std::string sha256(std::string_view bytes);
std::string sha256_file(const std::filesystem::path& path);

/// A fast 64-bit mix of bytes (FNV-1a, finished by splitmix64). Stable for ever: splits depend on it.
uint64_t hash64(const void* data, size_t bytes, uint64_t seed = 0);
inline uint64_t hash64(std::string_view text, uint64_t seed = 0) { return hash64(text.data(), text.size(), seed); }
uint64_t hash64(const char*, uint64_t) = delete;  // is the number a length or a seed? Pass a string_view, or a void pointer

}  // namespace fairfight
