#include <fmt/format.h>

#include <algorithm>

#include "fairfight/report/html_parts.h"
#include "fairfight/report/page.h"
#include "fairfight/report/svg.h"
#include "fairfight/report/tables.h"
#include "fairfight/report/text.h"

namespace fairfight {

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

std::string audit_html(const Result& result) {
  const auto& contestants = result.contestants;
  const auto calibrated =
      std::count_if(contestants.begin(), contestants.end(), [](const auto& it) { return bool(it.calibration); });
  const auto reached = std::count_if(contestants.begin(), contestants.end(),
                                     [](const auto& it) { return it.calibration && it.calibration->holds(); });
  const auto under_tuned =
      std::count_if(contestants.begin(), contestants.end(), [](const auto& it) { return !it.under_tuned.empty(); });
  const std::string held = calibrated == 0 ? "No contestant was held against a reference on a fixed task with a known answer"
                                           : fmt::format("{} of {} calibrated contestants reached their reference on a fixed task with a known answer", reached, calibrated);
  const std::string caption = fmt::format(
      "{}; {} under-tuned. A baseline that is weaker than it should be would make the dictionary’s win worthless.", held,
      under_tuned == 0   ? "nobody was"
      : under_tuned == 1 ? "one was"
                         : fmt::format("{} were", under_tuned));
  return part("Were there straw men?", figure("Audit", caption, audit_table(result)));
}

}  // namespace fairfight
