#pragma once
#include <filesystem>
#include <string>

#include "fairfight/base/hash.h"
#include "fairfight/base/json.h"

namespace fairfight {

/// Everything that is decided before the first fit: hypothesis, contestants, search spaces, budgets, margins, seeds, data
/// hashes, code version. Written to disk before it counts; its SHA-256 is what a result quotes.
class Registration {
 public:
  /// Writes `registration.json` into the folder; refuses to replace one of another content while `resume` is set.
  Registration(Json content, const std::filesystem::path& folder, bool resume);

  /// The SHA-256 that it would have.
  static std::string sha256_of(const Json& content) { return fairfight::sha256(dump_json(content)); }

  /// One that lies in a folder.
  static Registration read(const std::filesystem::path& folder);

  const std::string& sha256() const { return sha256_; }
  bool covers(const std::string& data_hash) const;

 private:
  Registration(Json content, std::string text);
  Json content_;
  std::string text_, sha256_;
};

/// A test split under seal. From `close` on it exists only as a file, enciphered under a key that derives from the
/// registration: another registration cannot open it, in this process or in any other. It opens once; the opened text then lies
/// beside the file, for whoever wants to see on what the contestants were tested.
class Sealed {
 public:
  explicit Sealed(std::string content);

  const std::string& hash() const { return hash_; }  // SHA-256 of the content: what a registration names

  /// Error unless the registration names the hash.
  void close(const Registration& registration, const std::filesystem::path& file);

  /// Error: not closed yet, opened before, or another registration than it was closed with.
  std::string open(const Registration& registration);

 private:
  std::string content_, hash_;
  std::filesystem::path file_;
  bool opened_ = false;
};

/// The content of a sealed file. Error: another registration, or bytes that were changed.
std::string open_sealed(const std::filesystem::path& file, const Registration& registration);

}  // namespace fairfight
