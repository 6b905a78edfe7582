#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "fairfight/base/json.h"

namespace fairfight {

/// Everything that is decided before the first fit: hypothesis, contestants, search spaces, budgets, seeds, data hashes, code
/// version. Written to disk before it counts; its SHA-256 is what a result quotes.
class Registration {
 public:
  /// Writes `registration.json` into the folder; refuses to replace one of another content while `resume` is set.
  Registration(Json content, const std::filesystem::path& folder, bool resume);

  const std::string& sha256() const { return sha256_; }
  bool covers(const std::string& data_hash) const;

 private:
  Json content_;
  std::string sha256_;
};

/// Error unless the registration names this hash and the seal is whole.
void require_opening(const Registration& registration, const std::string& hash, bool sealed);

/// Data that stays closed until a registration that names its hash opens it, once.
template <class T>
class Sealed {
 public:
  Sealed(T value, std::string hash) : value_(std::move(value)), hash_(std::move(hash)) {}

  const std::string& hash() const { return hash_; }

  T open(const Registration& registration) {
    require_opening(registration, hash_, value_.has_value());
    T value = std::move(*value_);
    value_.reset();
    return value;
  }

 private:
  std::optional<T> value_;
  std::string hash_;
};

}  // namespace fairfight
