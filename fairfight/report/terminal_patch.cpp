#include "fairfight/report/terminal_patch.h"

#include <fmt/format.h>

#include <algorithm>

#include "fairfight/report/side_effects.h"
#include "fairfight/report/text.h"

namespace fairfight {
namespace {

/// The items in the order of the score table.
template <class Item, class Cells>
std::vector<TextTable::Row> ranked_rows(const Result& result, const std::vector<Item>& items, Cells cells) {
  std::vector<TextTable::Row> rows;
  for (const auto* contestant : result.ranked())
    for (const auto& item : items)
      if (item.contestant == contestant->name) rows.push_back({contestant->title, cells(item)});
  return rows;
}

std::vector<std::string> score_cells(const Result::Line& line) {
  std::vector<std::string> cells;
  for (const auto& score : line.scores) cells.push_back(fixed(score.value, 3));
  return cells;
}

}  // namespace

std::optional<TextTable> side_effects_text(const Result& result) {
  if (!result.side_effects) return {};
  const auto& effects = *result.side_effects;
  TextTable table{fmt::format("side effects, budget {:.3g}", effects.most_delta_ce),
                  {"validation " + result.fight.metric.title, "Δ CE, nats a token", "worst ability", "trials within budget"},
                  {}};
  table.rows = ranked_rows(result, effects.contestants, [](const auto& of) -> std::vector<std::string> {
    const OperatingPoint point = operating_point(of);
    const std::string within = fmt::format("{} of {}", point.allowed, point.trials);
    if (point.chosen == 0) return {"–", "–", "–", within};
    return {fixed(point.score, 3), signed_fixed(point.delta_ce, 4), percent(point.ability, 2), within};
  });
  return table;
}

std::optional<TextTable> robustness_text(const Result& result) {
  if (!result.robustness) return {};
  TextTable table{"left after an attack", {}, {}};
  for (const auto& attack : result.robustness->attacks) table.heads.push_back(attack.title);
  table.rows = ranked_rows(result, result.robustness->contestants, [&](const auto& of) {
    const bool handed_in = result.contestant(of.contestant).handed_in();
    std::vector<std::string> cells;
    for (const auto& value : of.values) cells.push_back(value && handed_in ? fixed(value->value, 3) : "–");
    return cells;
  });
  return table;
}

std::optional<TextTable> doses_text(const Result& result) {
  if (!result.doses) return {};
  TextTable table{"behaviour in the dictionary's text", {}, ranked_rows(result, result.doses->lines, score_cells)};
  for (const double share : result.doses->shares) table.heads.push_back(share_text(share));
  return table;
}

std::optional<TextTable> few_shots_text(const Result& result) {
  if (!result.few_shots) return {};
  TextTable table{"examples of the behaviour", {}, ranked_rows(result, result.few_shots->lines, score_cells)};
  for (const int64_t examples : result.few_shots->examples) table.heads.push_back(thousands(examples));
  return table;
}

}  // namespace fairfight
