#pragma once
#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace fairfight {

/// How a long function tells how far it is: the fraction done in [0, 1] and a short note ("loss 0.71").
using Tick = std::function<void(double fraction, std::string_view note)>;
inline void no_tick(double, std::string_view) {}

/// A plan of stages with their expected seconds; turns a stage's ticks into an overall estimate that starts from the plan
/// and follows the machine's real speed: what was measured so far, of the running stage as well, corrects all that is left.
class Progress {
 public:
  struct Stage {
    std::string name;
    double expected_seconds;
  };
  struct Snapshot {
    size_t stage, stages;          // 0-based
    std::string_view name, note;
    double stage_fraction;         // of this stage
    double elapsed, left;          // seconds of the whole plan
    bool stage_done;
  };
  using Sink = std::function<void(const Snapshot&)>;

  Progress(std::vector<Stage> plan, Sink sink);

  /// The stages that are to come, by what is known of them now. As many as before.
  void expect(const std::vector<Stage>& plan);
  /// Enters the next stage of the plan and returns its tick.
  Tick next();
  /// Marks the running stage as done.
  void done(std::string_view note = "");

 private:
  void report(double fraction, std::string_view note, bool finished);

  std::vector<Stage> plan_;
  Sink sink_;
  std::chrono::steady_clock::time_point start_, stage_start_;
  double spent_in_done_ = 0, planned_done_ = 0;
  size_t entered_ = 0;
};

}  // namespace fairfight
