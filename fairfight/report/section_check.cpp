#include <cmath>
#include <functional>
#include <set>

#include "fairfight/report/check_parts.h"

namespace fairfight {
namespace {

/// Each item is about a contestant, no two about the same one.
template <class List>
void require_about_contestants(const Result& result, const List& items, const std::string& id, std::string_view what) {
  if (items.empty()) fail("[result] {}: got no {}, expected some; a section with nothing to show is left out", id, what);
  for (const auto& item : items) result.contestant(item.contestant);  // fails where there is none
  require_distinct(
      items, [](const auto& item) { return item.contestant; }, fmt::format("{}: the {} of", id, what));
}

void require_body(const Result& result, const Section::Table& table, const std::string& id) {
  if (table.columns.empty()) fail("[result] {}: got no column, expected some", id);
  for (const auto& column : table.columns) {
    require_name(column.name);
    if (column.worst.has_value() != column.best.has_value())
      fail("[result] {}: {} has one end of its scale, expected the worst and the best, or neither", id, column.name);
    if (column.worst && *column.worst == *column.best)
      fail("[result] {}: the worst and the best of {} are both {}", id, column.name, *column.best);
  }
  require_distinct(
      table.columns, [](const auto& column) { return column.name; }, id + ": the column");
  require_about_contestants(result, table.rows, id, "row");
  for (const auto& row : table.rows) require_count(row.cells.size(), table.columns.size(), "cells", id + ": " + row.contestant);
}

void require_amounts(const Section::Curves& curves, const std::string& id) {
  using Form = Section::Form;
  const auto& at = curves.at;
  if (at.empty() || std::adjacent_find(at.begin(), at.end(), std::greater_equal()) != at.end())
    fail("[result] {}.at: expected a list that ascends", id);
  for (const double amount : at) {
    if (curves.form == Form::count && (amount < 0 || amount != std::floor(amount)))
      fail("[result] {}.at: got {}, expected counts", id, amount);
    if (curves.form == Form::share && (amount < 0 || amount > 1))
      fail("[result] {}.at: got {}, expected shares from 0 to 1", id, amount);
  }
  if (curves.logarithmic && at[0] < 0) fail("[result] {}.at: got {}, expected no negative amount: its scale is logarithmic", id, at[0]);
}

void require_body(const Result& result, const Section::Curves& curves, const std::string& id) {
  require_amounts(curves, id);
  if (std::any_of(curves.lines.begin(), curves.lines.end(), [](const auto& line) { return !line.contestant.empty(); }))
    require_about_contestants(result, curves.lines, id, "line");
  else {
    if (curves.lines.empty()) fail("[result] {}: got no line, expected some; a section with nothing to show is left out", id);
    require_distinct(
        curves.lines, [](const auto& line) { return line.title; }, id + ": the line");
  }
  for (const auto& line : curves.lines)
    if (line.values.empty() || line.values.size() > curves.at.size())
      fail("[result] {}: {} has a line of {} values, expected 1 to {}", id, line.contestant.empty() ? line.title : line.contestant, line.values.size(), curves.at.size());
  if (curves.slopes.empty()) return;
  require_about_contestants(result, curves.slopes, id, "slope");
  for (const auto& slope : curves.slopes)
    if (std::none_of(curves.lines.begin(), curves.lines.end(), [&](const auto& line) { return line.contestant == slope.contestant; }))
      fail("[result] {}: {} has a slope and no line", id, slope.contestant);
  if (curves.amount.empty()) fail("[result] {}: it has slopes and no amount, expected words for ten times of it", id);
}

void require_axes(const Result& result, const std::vector<Section::Scatter::Axis>& axes, const std::string& id) {
  if (axes.size() < 2) fail("[result] {}: got {} axes, expected at least two", id, axes.size());
  for (const auto& axis : axes) {
    require_name(axis.name);
    if (!axis.limit && !axis.at_most) fail("[result] {}: {} is at least something, and has no limit", id, axis.name);
  }
  require_distinct(
      axes, [](const auto& axis) { return axis.name; }, id + ": the axis");
  if (axes[0].name != result.fight.metric.name)
    fail("[result] {}: the first axis is {}, expected the metric, {}", id, axes[0].name, plain(result.fight.metric.name));
  if (!axes[1].at_most) fail("[result] {}: {} has a limit from below, expected a price, with one from above or none", id, axes[1].name);
}

void require_cloud(const Result& result, const Section::Scatter& scatter, const Section::Scatter::Cloud& cloud, const std::string& id) {
  using Run = std::pair<int64_t, int64_t>;
  const auto& contestant = result.contestant(cloud.contestant);
  std::set<Run> runs, with_choice, with_allowed;
  for (const auto& run : contestant.runs) runs.emplace(run.seed, run.dictionary_seed);
  for (const auto& point : cloud.points) {
    const Run run(point.seed, point.dictionary_seed);
    const std::string what = fmt::format("{}: {}, a point of seed {}", id, cloud.contestant, point.seed);
    if (!runs.contains(run)) fail("[result] {} with dictionary seed {}: there is no such run", what, point.dictionary_seed);
    require_count(point.values.size(), scatter.axes.size(), "values", what);
    if (point.allowed && contestant.role != Result::Role::reference && !scatter.within_limits(point))
      fail("[result] {}: it is allowed, and beyond a limit", what);
    if (point.allowed) with_allowed.insert(run);
    if (point.chosen && !with_choice.insert(run).second) fail("[result] {}: a run has two that are chosen", what);
  }
  for (const auto& point : cloud.points)
    if (point.chosen && !point.allowed && with_allowed.contains({point.seed, point.dictionary_seed}))
      fail("[result] {}: {}, a point of seed {}: it is chosen and not allowed, where another one is allowed", id, cloud.contestant,
           point.seed);
}

void require_body(const Result& result, const Section::Scatter& scatter, const std::string& id) {
  require_axes(result, scatter.axes, id);
  require_about_contestants(result, scatter.clouds, id, "points");
  for (const auto& cloud : scatter.clouds) require_cloud(result, scatter, cloud, id);
}

void require_body(const Result&, const Section::Checklist& list, const std::string& id) {
  if (list.items.empty()) fail("[result] {}: got no item, expected some", id);
  std::vector<std::string> names;
  for (const auto& item : list.items) {
    if (list.ladder && item.name.empty()) fail("[result] {}: a step of the ladder has no name", id);
    if (!item.name.empty()) names.push_back(item.name);
  }
  require_distinct(names, std::identity(), id + ": the item");
}

}  // namespace

void check_sections(const Result& result) {
  for (const auto& section : result.sections) require_name(section.id);
  require_distinct(
      result.sections, [](const auto& section) { return section.id; }, "the section");
  for (const auto& section : result.sections)
    std::visit([&](const auto& body) { require_body(result, body, section.id); }, section.body);
}

}  // namespace fairfight
