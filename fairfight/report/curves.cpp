#include "fairfight/report/curves.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fairfight/report/chart.h"
#include "fairfight/report/page.h"
#include "fairfight/report/statement.h"
#include "fairfight/report/text.h"

namespace fairfight {
namespace {

constexpr size_t kMostTicks = 12;

using Line = Section::Curves::Line;

bool is_first(const Result& result, const Line& line) { return line.contestant == result.verdict.ruling.challenger; }
bool of_challengers(const Result& result, const Line& line) { return line.contestant.empty() ? line.challengers : result.contestant(line.contestant).challenger(); }
std::string title_of(const Result& result, const Line& line) { return escape(line.contestant.empty() ? line.title : result.contestant(line.contestant).title); }
std::string_view role_of(const Result& result, const Line& line) {
  return name_of(!line.contestant.empty() ? result.contestant(line.contestant).role : line.challengers ? Result::Role::challenger
                                                                                                       : Result::Role::baseline);
}

/// The faint lines first: the strong ones lie above them.
std::vector<Line> by_strength(const Result& result, std::vector<Line> lines) {
  const auto strength = [&](const auto& line) {
    return of_challengers(result, line) + is_first(result, line);
  };
  std::stable_sort(lines.begin(), lines.end(), [&](const auto& a, const auto& b) { return strength(a) < strength(b); });
  return lines;
}

/// Lines whose i-th value stands at places[i]; one with fewer goes on dotted. Intervals are drawn where they have a width.
Chart line_chart(const Result& result, const std::vector<Line>& lines, const std::vector<double>& places) {
  double low = lines[0].values[0].value, high = low;
  for (const auto& line : lines)
    for (const auto& [value, least, most] : line.values) {
      low = std::min({low, least, value});
      high = std::max({high, most, value});
    }
  Chart chart(Axis(low, high), lines.size());
  for (const auto& line : by_strength(result, lines)) {
    const std::string style = std::string(role_of(result, line)) + (is_first(result, line) ? " first" : "");
    std::string path;
    for (size_t i = 0; i < line.values.size(); ++i) {
      const auto& [value, least, most] = line.values[i];
      path += fmt::format("{}{:.1f} {:.1f}", i == 0 ? "M" : "L", 10 * places[i], chart.y(value));
      if (least < most)
        chart.behind += fmt::format(R"(<line class="spread {0}" x1="{1:.2f}%" x2="{1:.2f}%" y1="{2:.1f}" y2="{3:.1f}"/>)",
                                    style, places[i], chart.y(least), chart.y(most));
    }
    const size_t last = line.values.size() - 1;
    const double end = chart.y(line.values[last].value);
    if (line.values.size() > 1) chart.paths += fmt::format(R"(<path class="{}" d="{}"/>)", style, path);
    if (places.size() > 1)
      chart.paths += fmt::format(R"(<path class="{}{}" d="M{:.1f} {:.1f}H1000"/>)", style,
                                 line.values.size() < places.size() ? " rest" : "", 10 * places[last], end);
    chart.front += fmt::format(R"(<circle class="{}" cx="{:.2f}%" cy="{:.1f}" r="3"/>)", style, places[last], end);
    chart.labels.push_back({end, style, title_of(result, line), fixed(line.values[last].value, 3)});
  }
  return chart;
}

/// Per cent of the width at which ascending amounts stand; a single one stands in the middle. On a logarithmic scale none at all
/// stands one step before the least.
std::vector<double> places_of(const Section::Curves& curves) {
  std::vector<double> marks;
  for (const double amount : curves.at)
    if (!curves.logarithmic || amount > 0) marks.push_back(curves.logarithmic ? std::log10(amount) : amount);
  if (marks.size() < curves.at.size() && !marks.empty()) {
    const double step = marks.size() > 1 ? (marks.back() - marks.front()) / double(marks.size() - 1) : 1;
    marks.insert(marks.begin(), marks.front() - step);
  }
  if (marks.size() < 2) return {50};
  std::vector<double> places;
  for (const double mark : marks) places.push_back(1 + 98 * (mark - marks.front()) / (marks.back() - marks.front()));
  return places;
}

std::vector<Chart::Tick> ticks_at(const Section::Curves& curves, const std::vector<double>& places) {
  std::vector<Chart::Tick> ticks;
  for (size_t i = 0; i < places.size(); i += (places.size() + kMostTicks - 1) / kMostTicks)
    ticks.push_back({places[i], amount_text(curves.form, curves.at[i])});
  return ticks;
}

template <class Items>
auto of_contestant(const Items& items, const std::string& name) {
  return std::find_if(items.begin(), items.end(), [&](const auto& item) { return item.contestant == name; });
}

/// A straight line with the slope of the verdict's challenger, through the middle of its values at amounts above 0.
std::string slope_path(const Result& result, const Section::Curves& curves, const std::vector<double>& places, const Chart& chart) {
  const auto slope = of_contestant(curves.slopes, result.verdict.ruling.challenger);
  if (slope == curves.slopes.end() || !curves.logarithmic) return "";
  const auto& values = of_contestant(curves.lines, slope->contestant)->values;
  const size_t from = curves.at[0] == 0, end = values.size();
  if (end < from + 2) return "";
  double middle = 0, mean = 0;
  for (size_t i = from; i < end; ++i) {
    middle += std::log10(curves.at[i]) / double(end - from);
    mean += values[i].value / double(end - from);
  }
  const auto y = [&](double amount) { return chart.y(mean + slope->per_decade.value * (std::log10(amount) - middle)); };
  return fmt::format(R"(<path class="slope" d="M{:.1f} {:.1f}L{:.1f} {:.1f}"/>)", 10 * places[from], y(curves.at[from]),
                     10 * places[end - 1], y(curves.at[end - 1]));
}

/// What is the same for all curves.
std::string how_lines_are_read(const Result& result, const Section::Curves& curves, bool sloped) {
  bool spread = false, short_of = false;
  for (const auto& line : curves.lines) {
    short_of |= line.values.size() < curves.at.size();
    for (const auto& value : line.values) spread |= !value.exact();
  }
  std::string text;
  if (curves.logarithmic) text += " The scale below is logarithmic.";
  if (spread) text += fmt::format(" Upright strokes are {} intervals.", level_of(result));
  if (short_of) text += " A line is dotted from where it has no more.";
  const std::string slope = slope_sentence(result, curves);
  if (!slope.empty()) text += " " + sentence_html(slope) + (sloped ? " Its slope is dashed." : "");
  return text;
}

}  // namespace

std::string curves_chart(const Result& result, const Section::Curves& curves) {
  const auto places = places_of(curves);
  Chart chart = line_chart(result, curves.lines, places);
  chart.paths += slope_path(result, curves, places, chart);
  chart.about = fmt::format("{} against {}", escape(curves.y), escape(curves.x));
  chart.ticks = ticks_at(curves, places);
  chart.below = escape(curves.x);
  return chart.html();
}

std::string curves_table(const Result& result, const Section::Curves& curves) {
  Row heads = {escape(curves.x)};
  for (const double amount : curves.at) heads.push_back(amount_text(curves.form, amount));
  if (!curves.slopes.empty()) heads.push_back("for ten times as much");
  std::vector<Row> rows;
  bool spread = false;
  for (const auto& line : curves.lines) {
    rows.push_back({line.contestant.empty() ? title_of(result, line) : titled(result.contestant(line.contestant))});
    for (const auto& value : line.values) {
      rows.back().push_back(value.exact() ? fixed(value.value, 3) : interval_html(value));
      spread |= !value.exact();
    }
    rows.back().resize(1 + curves.at.size());
    if (curves.slopes.empty()) continue;
    const auto slope = of_contestant(curves.slopes, line.contestant);
    rows.back().push_back(slope == curves.slopes.end() ? "" : signed_html(slope->per_decade));
  }
  return table(spread ? "numbers stacked" : "numbers", heads, rows);
}

std::string curves_html(const Result& result, const Section& section, const Section::Curves& curves) {
  const std::string chart = curves_chart(result, curves);
  const bool sloped = chart.find("class=\"slope\"") != std::string::npos;
  return figure(escape(section.heading), sentence_html(section.caption) + how_lines_are_read(result, curves, sloped), chart) +
         folded("The curves in numbers", curves_table(result, curves));
}

}  // namespace fairfight
