#include "fairfight/base/progress.h"

#include <algorithm>

namespace fairfight {
namespace {
double since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}
}  // namespace

Progress::Progress(std::vector<Stage> plan, Sink sink)
    : plan_(std::move(plan)), sink_(std::move(sink)), start_(std::chrono::steady_clock::now()), stage_start_(start_) {}

void Progress::expect(const std::vector<Stage>& plan) {
  for (size_t i = entered_; i < plan_.size(); ++i) plan_[i].expected_seconds = plan.at(i).expected_seconds;
}

Tick Progress::next() {
  if (entered_ < plan_.size()) ++entered_;
  stage_start_ = std::chrono::steady_clock::now();
  report(0, "", false);
  return [this](double fraction, std::string_view note) { report(fraction, note, false); };
}

void Progress::done(std::string_view note) {
  report(1, note, true);
  spent_in_done_ += since(stage_start_);
  planned_done_ += plan_[entered_ - 1].expected_seconds;
}

void Progress::report(double fraction, std::string_view note, bool finished) {
  if (!sink_ || entered_ == 0) return;
  const Stage& stage = plan_[entered_ - 1];
  double planned_left = 0;
  for (size_t i = entered_; i < plan_.size(); ++i) planned_left += plan_[i].expected_seconds;
  const double in_stage = since(stage_start_);
  // The plan counts as 10 s of evidence beside what was measured; the running stage is evidence as far as it has come.
  const double speed = (spent_in_done_ + (fraction > 0 ? in_stage : 0) + 10) / (planned_done_ + fraction * stage.expected_seconds + 10);
  const double by_plan = std::max(0.0, stage.expected_seconds * speed - in_stage);
  const double by_fraction = fraction > 0 ? in_stage * (1 - fraction) / fraction : by_plan;
  const double stage_left = finished ? 0 : fraction * by_fraction + (1 - fraction) * by_plan;
  sink_({entered_ - 1, plan_.size(), stage.name, note, fraction, since(start_), stage_left + planned_left * speed, finished});
}

}  // namespace fairfight
