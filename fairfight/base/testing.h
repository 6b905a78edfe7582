#pragma once
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "fairfight/base/error.h"

namespace fairfight {

/// An empty folder of a test, gone when the test ends.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "fairfight-XXXXXX").string();
    if (!::mkdtemp(name.data())) fail("[test] cannot make {}", name);
    path_ = name;
  }
  ~ScratchFolder() {
    std::error_code none;
    std::filesystem::remove_all(path_, none);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::filesystem::path& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// An environment variable, set for one test.
class Environment {
 public:
  Environment(const char* name, const char* value) : name_(name) {
    if (const char* old = std::getenv(name)) old_ = old;
    set(value);
  }
  ~Environment() { set(old_ ? old_->c_str() : nullptr); }

 private:
  void set(const char* value) { value ? ::setenv(name_, value, 1) : ::unsetenv(name_); }

  const char* name_;
  std::optional<std::string> old_;
};

/// The message of the Error that `act` throws; empty if it throws none.
template <class Act>
std::string error_of(Act act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

/// Keeps the largest of the differences that a test run finds from one reference, and prints it when the run ends: the numbers of docs/exactness.md.
/// -> the difference itself, for the test to judge.
inline double noted(const std::string& what, double difference) {
  struct Worst {
    double difference = 0;
    size_t times = 0;
  };
  struct Notes {
    std::map<std::string, Worst> worst;
    ~Notes() {
      for (const auto& [name, w] : worst) std::printf("[exactness] %s: %.1e at most, %zu times\n", name.c_str(), w.difference, w.times);
    }
  };
  static Notes notes;
  Worst& worst = notes.worst[what];
  worst.difference = difference > worst.difference || difference != difference ? difference : worst.difference;
  ++worst.times;
  return difference;
}

}  // namespace fairfight
