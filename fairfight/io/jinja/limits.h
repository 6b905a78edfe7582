#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace fairfight::jinja {

/// What a template may cost, and how it fails: it is a stranger's program.
class Limits {
 public:
  static constexpr size_t kMaxSteps = 1'000'000, kMaxText = 4'000'000, kMaxItems = 100'000, kDeepest = 600;

  explicit Limits(const std::string& what) : what_(what) {}
  void step(size_t steps = 1);
  void text(size_t bytes);                                // before a text that long is made
  void items(size_t count);                               // before a list that long is made
  [[noreturn]] void refuse(std::string_view what) const;  // jinja2 has it, fairfight has not
  [[noreturn]] void wrong(std::string_view why) const;    // jinja2 fails, too

  /// One level of recursion deeper, until the guard is gone.
  class Deeper {
   public:
    explicit Deeper(Limits& limits);
    ~Deeper() { --limits_.depth_; }
    Deeper(const Deeper&) = delete;

   private:
    Limits& limits_;
  };

 private:
  const std::string& what_;
  size_t steps_ = 0, depth_ = 0;
};

}  // namespace fairfight::jinja
