#include <fmt/format.h>

#include "cli/verbs.h"
#include "fairfight/fights/list.h"

namespace fairfight {

void add_fights(CLI::App& app) {
  auto* verb = app.add_subcommand("fights", "Lists the fights: tasks with data, a discipline and a metric");
  verb->footer("Example:  fairfight fights");
  verb->callback([] {
    for (const auto& fight : fights())
      fmt::print("{}  ({}, {}, {} contestants)\n  {}\n", fight.info.name, fight.info.prediction, fight.info.discipline, fight.roster.size(),
                 fight.info.question);
  });
}

void add_contestants(CLI::App& app) {
  auto* verb = app.add_subcommand("contestants", "Lists who fights: challengers use a dictionary, baselines do not");
  verb->footer("Example:  fairfight contestants --fight anomaly");
  static std::string only;
  verb->add_option("--fight", only, "of this fight only");
  verb->callback([] {
    if (!only.empty()) fight_by_name(only);
    for (const auto& fight : fights()) {
      if (!only.empty() && fight.info.name != only) continue;
      for (const auto& c : describe(fight.roster))
        fmt::print("{:<22} {:<11} {}\n{:<35}tunes {}\n", c.name, name_of(c.role), c.about, "", c.space.json().dump());
    }
  });
}

}  // namespace fairfight
