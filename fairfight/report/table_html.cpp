#include "fairfight/report/table_html.h"

#include <fmt/format.h>

#include <algorithm>

#include "fairfight/report/page.h"
#include "fairfight/report/svg.h"
#include "fairfight/report/text.h"

namespace fairfight {
namespace {

using Column = Section::Table::Column;

/// Whether anything in a column, or in a cell of a column, is so.
template <class Holds>
bool any_column(const Section::Table& table, Holds holds) {
  return std::any_of(table.columns.begin(), table.columns.end(), holds);
}

bool any_interval(const Section::Table& table) {
  return table.beside_score || std::any_of(table.rows.begin(), table.rows.end(), [](const auto& row) {
           return std::any_of(row.cells.begin(), row.cells.end(), [](const auto& cell) { return cell && !cell->exact(); });
         });
}

bool is_tinted(const Section::Table& table) {
  return table.beside_score || any_column(table, [](const Column& column) { return column.best.has_value(); });
}

bool has_ideal(const Section::Table& table) {
  return any_column(table, [](const Column& column) { return column.ideal.has_value(); });
}

std::string cell_html(const Column& column, const Estimate& estimate) {
  const std::string value = form_text(column.form, estimate.value), interval = estimate.exact() ? "" : form_interval(column.form, estimate);
  if (column.best) return heat_cell((estimate.value - *column.worst) / (*column.best - *column.worst), value, interval, "");
  if (interval.empty()) return "<td>" + value + "</td>";
  return fmt::format("<td><b>{}</b> <span class=\"interval\">{}</span></td>", value, interval);
}

std::string ideal_row(const Section::Table& table) {
  std::string row = "<tr><th scope=\"row\"><span class=\"aside\">ideal</span></th>";
  if (table.beside_score) row += "<td></td>";
  for (const auto& column : table.columns)
    row += column.ideal ? fmt::format("<td><span class=\"aside\">{}</span></td>", form_text(column.form, *column.ideal)) : "<td></td>";
  return row + "</tr>\n";
}

std::string numbers_of(const Result& result, const Section::Table& table) {
  const bool tinted = is_tinted(table);
  Row titles = {""};
  if (table.beside_score) titles.push_back(escape(result.fight.metric.title));
  for (const auto& column : table.columns) titles.push_back(escape(column.title));
  std::string rows = has_ideal(table) ? ideal_row(table) : "";
  for (const auto* contestant : result.ranked())
    for (const auto& row : table.rows) {
      if (row.contestant != contestant->name) continue;
      const bool handed_in = contestant->handed_in();
      rows += "<tr><th scope=\"row\">" + titled_with_tag(*contestant) + "</th>";
      if (table.beside_score) rows += handed_in ? heat_cell(contestant->score.mean, result.fight.metric, "mean") : kNoCell;
      for (size_t i = 0; i < row.cells.size(); ++i)
        rows += row.cells[i] && handed_in ? cell_html(table.columns[i], *row.cells[i]) : kNoCell;
      rows += "</tr>\n";
    }
  return fairfight::table(tinted ? R"(class="scores")" : any_interval(table) ? R"(class="numbers stacked")"
                                                                             : R"(class="numbers")",
                          heads_html(titles), rows);
}

/// What is the same for every table.
std::string how_cells_are_read(const Result& result, const Section::Table& table) {
  std::string text;
  if (table.beside_score) text += " The first column is the contest’s own score.";
  if (any_interval(table)) text += fmt::format(" Intervals are of {}.", level_of(result));
  if (is_tinted(table)) text += " The stronger the tint, the better.";
  if (has_ideal(table)) text += " The first row is what a perfect contestant shows.";
  return text;
}

}  // namespace

std::string table_html(const Result& result, const Section& section, const Section::Table& table) {
  std::string abouts;
  for (const auto& column : table.columns)
    if (!column.about.empty()) abouts += entry(escape(column.title), escape(column.about));
  return figure(escape(section.heading), sentence_html(section.caption) + how_cells_are_read(result, table), numbers_of(result, table)) +
         (abouts.empty() ? "" : folded("What the columns are", definitions("families", abouts)));
}

}  // namespace fairfight
