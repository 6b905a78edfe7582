#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "fairfight/base/json.h"

namespace fairfight {

class Ranks;

/// What a job of a fight has come to so far: a small file in the fight's folder, written atomically, that counts for its registration alone. A job is a pure
/// function of the registration, so one that goes on from here gives the bytes of one that was never interrupted.
class Job {
 public:
  /// Takes up what lies there if `resume` is set and it is of this registration; an unreadable file is an error. With `ranks`, which outlive it, nothing is
  /// kept once the others hold this process for dead: the job is theirs.
  Job(const std::filesystem::path& folder, const std::string& name, std::string registration_sha256, bool resume, Ranks* ranks = nullptr);

  static std::filesystem::path file(const std::filesystem::path& folder, const std::string& name) { return folder / "jobs" / (name + ".json"); }

  const std::optional<Json>& kept() const { return kept_; }
  void keep(const Json& outcome);
  const std::filesystem::path& file() const { return file_; }

 private:
  std::filesystem::path file_;
  std::string registration_sha256_;
  Ranks* ranks_;
  std::optional<Json> kept_;
};

}  // namespace fairfight
