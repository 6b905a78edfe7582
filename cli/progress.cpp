#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <memory>

#include "cli/verbs.h"

namespace fairfight {

std::string clock_time(double seconds) {
  const int64_t whole = std::llround(seconds);
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

namespace {

std::string line_of(const Progress::Snapshot& s) {
  std::string line = fmt::format("[{}/{}] {}", s.stage + 1, s.stages, s.name);
  if (!s.stage_done && s.stage_fraction > 0) line += fmt::format(" {:.0f} %", 100 * s.stage_fraction);
  if (!s.note.empty()) line += fmt::format(" ({})", s.note);
  return line + fmt::format("  {} gone, about {} left", clock_time(s.elapsed), clock_time(s.left));
}

}  // namespace

Progress::Sink show_progress() {
  using Clock = std::chrono::steady_clock;
  const bool terminal = isatty(STDERR_FILENO) != 0;
  const auto pause = terminal ? std::chrono::milliseconds(100) : std::chrono::milliseconds(5000);
  auto last = std::make_shared<Clock::time_point>(Clock::now() - 2 * pause);
  auto last_stage = std::make_shared<size_t>(SIZE_MAX);
  return [=](const Progress::Snapshot& s) {
    const bool fresh = *last_stage != s.stage;
    if (!fresh && !s.stage_done && Clock::now() - *last < pause) return;
    *last = Clock::now();
    *last_stage = s.stage;
    const bool finished = s.stage_done && s.stage + 1 == s.stages;
    fmt::print(stderr, "{}{}{}", terminal ? "\r\033[K" : "", line_of(s), terminal && !finished ? "" : "\n");
    std::fflush(stderr);
  };
}

Tick show_job(const std::string& name, double expected_seconds) {
  auto progress = std::make_shared<Progress>(std::vector<Progress::Stage>{{name, expected_seconds}}, show_progress());
  const Tick tick = progress->next();
  return [progress, tick](double fraction, std::string_view note) {
    if (fraction >= 1)
      progress->done(note);
    else
      tick(fraction, note);
  };
}

}  // namespace fairfight
