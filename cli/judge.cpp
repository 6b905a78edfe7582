#include <fmt/format.h>

#include "cli/verbs.h"
#include "fairfight/arena/calibrate.h"
#include "fairfight/base/error.h"

namespace fairfight {
namespace {

void calibrate(const CalibrationPlan& plan) {
  using Demand = JudgeCalibration::Demand;
  const auto calibration = calibrate_judge(plan, show_job("calibrating the judge", 0.3 * double(plan.fights)));
  fmt::print("{} simulated fights a line, {} dictionary seeds, {} items, level {:.0f} %, margin {}, seed {}; in per cent\n", plan.fights, plan.dictionary_seeds, plan.items, 100 * plan.level,
             plan.margin, plan.seed);
  std::string world, fight;
  size_t failed = 0;
  for (const auto& line : calibration.lines) {
    if (line.world != world) fmt::print("\n{}\n", world = line.world), fight.clear();
    if (line.fight != fight) fmt::print("  {:<50} {:>14}   {:<22}\n", fight = line.fight, "measured", "demanded");
    failed += !line.passed();
    const bool judged = line.demand == Demand::at_most;
    fmt::print("    {:<48} {:>14}   {:<22} {}\n", line.quantity, fmt::format("{:.1f} ± {:.1f}", 100 * line.measured, 100 * line.error),
               judged ? fmt::format("at most {:.1f} + {:.1f}", 100 * line.expected, 100 * line.slack) : "no demand", !judged ? "" : line.passed() ? "ok"
                                                                                                                                                  : "FAILED");
  }
  fmt::print("\n");
  if (failed > 0) fail("[judge] {} of {} rates are not what they should be", failed, calibration.lines.size());
  fmt::print("the judge is calibrated: in every world but the one that it cannot see, it is wrong no more often than it says\n");
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
