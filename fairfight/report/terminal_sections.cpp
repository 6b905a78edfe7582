#include "fairfight/report/terminal_sections.h"

#include <fmt/format.h>

#include <algorithm>

#include "fairfight/report/scatter.h"
#include "fairfight/report/statement.h"
#include "fairfight/report/text.h"

namespace fairfight {
namespace {

constexpr size_t kMostRows = 8, kMostAmounts = 6;

/// The items in the order of the score table: as many as a reader looks at, with the verdict's challenger among them.
template <class Item, class Cells>
void add_rows(SectionText& text, const Result& result, const std::vector<Item>& items, Cells cells) {
  std::vector<const Item*> shown;
  for (const auto* contestant : result.ranked())
    for (const auto& item : items)
      if (item.contestant == contestant->name) shown.push_back(&item);
  const auto first = std::find_if(shown.begin(), shown.end(), [&](const auto* item) { return item->contestant == result.verdict.ruling.challenger; });
  if (first != shown.end() && size_t(first - shown.begin()) >= kMostRows) std::rotate(shown.begin() + kMostRows - 1, first, first + 1);
  for (const auto* item : shown)
    if (text.table->rows.size() < kMostRows) text.table->rows.push_back({result.contestant(item->contestant).title, cells(*item)});
  if (shown.size() > kMostRows)
    text.notes.push_back(fmt::format("{} more {} on the page", shown.size() - kMostRows, shown.size() == kMostRows + 1 ? "stands" : "stand"));
}

SectionText shape_text(const Result& result, const Section& section, const Section::Table& table) {
  SectionText text{TextTable{section.heading, {}, {}}, {}, {}};
  if (table.beside_score) text.table->heads.push_back(result.fight.metric.title);
  for (const auto& column : table.columns) text.table->heads.push_back(column.title);
  add_rows(text, result, table.rows, [&](const auto& row) {
    const auto& contestant = result.contestant(row.contestant);
    const bool handed_in = contestant.handed_in();
    std::vector<std::string> cells;
    if (table.beside_score) cells.push_back(handed_in ? fixed(contestant.score.mean.value, 3) : "–");
    for (size_t i = 0; i < row.cells.size(); ++i)
      cells.push_back(row.cells[i] && handed_in ? form_text(table.columns[i].form, row.cells[i]->value) : "–");
    return cells;
  });
  TextTable::Row ideal{"ideal", {}, true};
  if (table.beside_score) ideal.cells.push_back("");
  for (const auto& column : table.columns) ideal.cells.push_back(column.ideal ? form_text(column.form, *column.ideal) : "");
  if (std::any_of(ideal.cells.begin(), ideal.cells.end(), [](const auto& cell) { return !cell.empty(); })) text.table->rows.push_back(ideal);
  return text;
}

/// Some of the amounts, the last among them.
SectionText sides_text(const Section& section, const Section::Curves& curves) {
  SectionText text{TextTable{section.heading + ": " + curves.y, {}, {}}, {section.caption}, {}};
  std::vector<size_t> shown;
  const size_t count = std::min(kMostAmounts, curves.at.size());
  for (size_t i = 1; i <= count; ++i) shown.push_back(i * curves.at.size() / count - 1);
  for (const size_t i : shown) text.table->heads.push_back(amount_text(curves.form, curves.at[i]));
  for (const auto& line : curves.lines) {
    std::vector<std::string> cells;
    for (const size_t i : shown) cells.push_back(i < line.values.size() ? fixed(line.values[i].value, 3) : "");
    text.table->rows.push_back({line.title, std::move(cells)});
  }
  return text;
}

std::optional<SectionText> shape_text(const Result& result, const Section& section, const Section::Curves& curves) {
  if (curves.lines[0].contestant.empty()) return sides_text(section, curves);
  if (curves.at.size() > kMostAmounts) return {};
  SectionText text{TextTable{section.heading + ": " + curves.y, {}, {}}, {}, {}};
  for (const double amount : curves.at) text.table->heads.push_back(amount_text(curves.form, amount));
  add_rows(text, result, curves.lines, [&](const auto& line) {
    std::vector<std::string> cells;
    for (const auto& value : line.values) cells.push_back(fixed(value.value, 3));
    cells.resize(curves.at.size());
    return cells;
  });
  if (const std::string slope = slope_sentence(result, curves); !slope.empty()) text.says.push_back(slope);
  return text;
}

SectionText shape_text(const Result& result, const Section& section, const Section::Scatter& scatter) {
  SectionText text{TextTable{section.heading, {}, {}}, {}, {}};
  std::string limits;
  for (const auto& axis : scatter.axes) {
    text.table->heads.push_back(head_of(axis));
    if (axis.limit) limits += fmt::format("{}{} at {} {}", limits.empty() ? "; allowed: " : ", ", axis.title, axis.at_most ? "most" : "least", limit_text(axis));
  }
  text.table->heads.push_back("trials allowed");
  add_rows(text, result, scatter.clouds, [&](const auto& cloud) {
    const OperatingPoint point = operating_point(scatter, cloud);
    std::vector<std::string> cells;
    for (size_t i = 0; i < scatter.axes.size(); ++i)
      cells.push_back(point.chosen > 0 ? form_text(scatter.axes[i].form, point.values[i]) : "–");
    cells.push_back(fmt::format("{} of {}", point.allowed, point.trials));
    return cells;
  });
  text.notes.push_back("what was chosen on validation, means over the runs" + limits);
  return text;
}

/// What was found, and what does not hold.
SectionText shape_text(const Result&, const Section& section, const Section::Checklist& list) {
  const std::string reached = list.reached();
  std::string lacking;
  size_t holding = 0;
  for (const auto& [name, text, holds, evidence] : list.items) {
    holding += holds;
    if (holds) continue;
    lacking += fmt::format("{}{}{}{}", lacking.empty() ? "; not " : ", ", name, name.empty() ? "" : ": ", text);
    if (!evidence.empty()) lacking += " (" + evidence + ")";
  }
  SectionText text;
  text.says.push_back((list.ladder ? (reached.empty() ? "NO LEVEL" : reached) + ": " : "") +
                      (section.heading.empty() ? "" : section.heading + ". ") + section.caption);
  text.notes.push_back(fmt::format("{} of {} hold{}", holding, list.items.size(), lacking));
  return text;
}

}  // namespace

std::optional<SectionText> section_text(const Result& result, const Section& section) {
  return std::visit([&](const auto& body) -> std::optional<SectionText> { return shape_text(result, section, body); }, section.body);
}

}  // namespace fairfight
