#include <fmt/format.h>

#include <algorithm>

#include "fairfight/report/curves.h"
#include "fairfight/report/html_parts.h"
#include "fairfight/report/page.h"
#include "fairfight/report/svg.h"
#include "fairfight/report/tables.h"
#include "fairfight/report/text.h"

namespace fairfight {

std::string tuning_html(const Result& result) {
  if (result.tuning.curves.empty()) return "";
  const std::string caption = fmt::format(
      "The best validation {} that so many trials can be expected to find. {} were registered for everyone; a line is "
      "dotted "
      "where its settings are used up. A line that still climbs at the end would have gained from more.",
      escape(result.fight.metric.title), counted(result.tuning.trials, "trial"));
  return part("What tuning gave", figure("Tuning curves", caption, tuning_chart(result)) +
                                      folded("The curves in numbers", tuning_table(result)));
}

std::string costs_html(const Result& result) {
  const auto& ledger = result.ledger;
  const std::string budget =
      ledger.budget_flops == 0 ? "A run has no budget." : fmt::format("A run may spend {} FLOPs.", si(ledger.budget_flops));
  const std::string caption = fmt::format(
      "A challenger also pays a share of its dictionary: harvest and training took {} FLOPs each. {} The verdict charges 10 "
      "%.",
      si(ledger.dictionary_flops), budget);
  constexpr std::string_view kAll = "All runs together; a challenger’s FLOPs with 0, 10 and 100 % of its dictionaries.";
  return part("What it cost", figure("If more or less of the dictionary is charged", caption, amortisation_table(result)) +
                                  figure("Ledger", kAll, ledger_table(result)));
}

std::string secondary_html(const Result& result) {
  if (result.fight.secondary.empty()) return "";
  return part("Also measured",
              figure("Told, not judged", "Means over runs and families; the first row is what a perfect contestant shows.",
                     secondary_table(result)));
}

std::string audit_html(const Result& result) {
  const auto& contestants = result.contestants;
  const auto calibrated =
      std::count_if(contestants.begin(), contestants.end(), [](const auto& it) { return bool(it.calibration); });
  const auto reached = std::count_if(contestants.begin(), contestants.end(),
                                     [](const auto& it) { return it.calibration && it.calibration->holds(); });
  const auto starved =
      std::count_if(contestants.begin(), contestants.end(), [](const auto& it) { return !it.starved.empty(); });
  const std::string caption = fmt::format(
      "{} of {} calibrated contestants reached their reference on a fixed task with a known answer; {} starved. A baseline "
      "that "
      "is weaker than it should be would make the dictionary’s win worthless.",
      reached, calibrated,
      starved == 0   ? "nobody was"
      : starved == 1 ? "one was"
                     : fmt::format("{} were", starved));
  return part("Were there straw men?", figure("Audit", caption, audit_table(result)));
}

}  // namespace fairfight
