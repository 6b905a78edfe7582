#include <fmt/format.h>

#include "cli/verbs.h"
#include "fairfight/arena/calibrate.h"
#include "fairfight/base/error.h"

namespace fairfight {
namespace {

std::string demanded(const JudgeCalibration::Line& line) {
  using Demand = JudgeCalibration::Demand;
  switch (line.demand) {
    case Demand::at_most:
      return fmt::format("at most {:.1f} + {:.1f}", 100 * line.expected, 100 * line.slack);
    case Demand::at_least:
      return fmt::format("at least {:.1f} - {:.1f}", 100 * line.expected, 100 * line.slack);
    case Demand::near:
      return fmt::format("{:.1f} within {:.1f}", 100 * line.expected, 100 * line.slack);
    case Demand::none:
      return "no demand";
  }
  return "";
}

void calibrate(const CalibrationPlan& plan) {
  const auto calibration = calibrate_judge(plan, show_job("calibrating the judge", 0.03 * double(plan.fights)));
  fmt::print(
      "{} simulated fights a line, {} organisms, {} dictionary seeds, {} items a group, level {:.0f} %, margin {}, seed {}; in per cent\n",
      plan.fights, plan.organisms, plan.dictionary_seeds, plan.items, 100 * plan.level, plan.margin, plan.seed);
  std::string world;
  size_t failed = 0;
  for (const auto& line : calibration.lines) {
    if (line.world != world) fmt::print("\n{:<44} {:>14}   {:<22}\n", world = line.world, "measured", "demanded");
    const bool judged = line.demand != JudgeCalibration::Demand::none;
    failed += !line.passed();
    fmt::print("  {:<42} {:>14}   {:<22} {}\n", line.quantity, fmt::format("{:.1f} ± {:.1f}", 100 * line.measured, 100 * line.error),
               demanded(line),
               !judged         ? ""
               : line.passed() ? "ok"
                               : "FAILED");
  }
  fmt::print("\n");
  if (failed > 0) fail("[judge] {} of {} rates are not what they should be", failed, calibration.lines.size());
  fmt::print("the judge is calibrated: it is wrong no more often than it says, and as powerful as theory has it\n");
}

}  // namespace

void add_judge(CLI::App& app) {
  auto* verb = app.add_subcommand("judge", "Shows how far the judge can be trusted, on simulated fights whose truth is known");
  verb->footer("Example:  fairfight judge --calibrate");
  static CalibrationPlan plan;
  static bool calibrated = false;  // the verb's only way so far
  verb->add_flag("--calibrate", calibrated, "hold simulated fights between equals and with planted effects, and count what it says")
      ->required();
  verb->add_option("--fights", plan.fights, "simulated fights for every rate")->check(CLI::Range(100, 1'000'000))->capture_default_str();
  verb->add_option("--seed", plan.seed, "of the simulation")->capture_default_str();
  verb->callback([] { calibrate(plan); });
}

}  // namespace fairfight
