#pragma once
#include <chrono>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace fairfight {

/// Where the time goes: seconds of a core by name, in the order in which the names first came. What has several cores to itself
/// counts each of them, so that all names together come to no more than the clock's time on every core.
class Profile {
 public:
  void add(const std::string& name, double seconds);
  const std::vector<std::pair<std::string, double>>& seconds() const { return seconds_; }

 private:
  std::mutex adding_;
  std::vector<std::pair<std::string, double>> seconds_;
};

/// Adds its own lifetime to a profile, for each of its cores.
class Timed {
 public:
  Timed(Profile& profile, std::string name, int cores = 1) : profile_(profile), name_(std::move(name)), cores_(cores) {}
  ~Timed() { profile_.add(name_, cores_ * so_far()); }
  Timed(const Timed&) = delete;
  Timed& operator=(const Timed&) = delete;
  double so_far() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

 private:
  Profile& profile_;
  std::string name_;
  int cores_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace fairfight
