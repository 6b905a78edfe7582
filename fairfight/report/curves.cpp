#include "fairfight/report/curves.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fairfight/report/chart.h"
#include "fairfight/report/page.h"
#include "fairfight/report/text.h"

namespace fairfight {
namespace {

constexpr size_t kMostTicks = 12;

/// Per cent of the width at which the n-th of `count` stands; a single one stands in the middle.
double place(double n, double count) { return count < 2 ? 50 : 1 + 98 * n / (count - 1); }

bool is_first(const Result& result, const Result::Line& line) { return line.contestant == result.verdict.ruling.challenger; }

/// The faint lines first: the strong ones lie above them.
std::vector<Result::Line> by_strength(const Result& result, std::vector<Result::Line> lines) {
  const auto strength = [&](const auto& line) {
    return result.contestant(line.contestant).challenger() + is_first(result, line);
  };
  std::stable_sort(lines.begin(), lines.end(), [&](const auto& a, const auto& b) { return strength(a) < strength(b); });
  return lines;
}

/// Lines whose i-th score stands at places[i]; one with fewer scores goes on dotted. Intervals are drawn where they have a
/// width.
Chart line_chart(const Result& result, const std::vector<Result::Line>& lines, const std::vector<double>& places) {
  double low = lines[0].scores[0].value, high = low;
  for (const auto& line : lines)
    for (const auto& score : line.scores) {
      low = std::min({low, score.low, score.value});
      high = std::max({high, score.high, score.value});
    }
  Chart chart(Axis(low, high), lines.size());
  for (const auto& line : by_strength(result, lines)) {
    const auto& contestant = result.contestant(line.contestant);
    const std::string style = std::string(name_of(contestant.role)) + (is_first(result, line) ? " first" : "");
    std::string path;
    for (size_t i = 0; i < line.scores.size(); ++i) {
      const auto& [value, least, most] = line.scores[i];
      path += fmt::format("{}{:.1f} {:.1f}", i == 0 ? "M" : "L", 10 * places[i], chart.y(value));
      if (least < most)
        chart.behind += fmt::format(R"(<line class="spread {0}" x1="{1:.2f}%" x2="{1:.2f}%" y1="{2:.1f}" y2="{3:.1f}"/>)",
                                    style, places[i], chart.y(least), chart.y(most));
    }
    const size_t last = line.scores.size() - 1;
    const double end = chart.y(line.scores[last].value);
    if (line.scores.size() > 1) chart.paths += fmt::format(R"(<path class="{}" d="{}"/>)", style, path);
    if (places.size() > 1)
      chart.paths += fmt::format(R"(<path class="{}{}" d="M{:.1f} {:.1f}H1000"/>)", style,
                                 line.scores.size() < places.size() ? " rest" : "", 10 * places[last], end);
    chart.front += fmt::format(R"(<circle class="{}" cx="{:.2f}%" cy="{:.1f}" r="3"/>)", style, places[last], end);
    chart.labels.push_back({end, style, escape(contestant.title), fixed(line.scores[last].value, 3)});
  }
  return chart;
}

/// Places of ascending amounts on a logarithmic scale; none at all stands one step before the least.
std::vector<double> log_places(const std::vector<double>& amounts) {
  std::vector<double> logs;
  for (const double amount : amounts)
    if (amount > 0) logs.push_back(std::log10(amount));
  if (logs.empty()) return {50};
  if (amounts[0] == 0) {
    const double step = logs.size() > 1 ? (logs.back() - logs.front()) / double(logs.size() - 1) : 1;
    logs.insert(logs.begin(), logs.front() - step);
  }
  std::vector<double> places;
  for (const double log : logs)
    places.push_back(logs.size() < 2 ? 50 : place((log - logs.front()) / (logs.back() - logs.front()), 2));
  return places;
}

template <class Text>
std::vector<Chart::Tick> ticks_at(const std::vector<double>& places, Text text) {
  std::vector<Chart::Tick> ticks;
  for (size_t i = 0; i < places.size(); i += (places.size() + kMostTicks - 1) / kMostTicks)
    ticks.push_back({places[i], text(i)});
  return ticks;
}

Row line_row(const Result& result, const Result::Line& line) {
  Row row = {titled(result.contestant(line.contestant))};
  for (const auto& score : line.scores) row.push_back(interval_html(score));
  return row;
}

/// A straight line with the slope of the verdict's challenger, through the middle of its scores.
std::string slope_path(const Result& result, const Result::Doses& doses, const std::vector<double>& places,
                       const Chart& chart) {
  const auto of_first = [&](const auto& item) { return item.contestant == result.verdict.ruling.challenger; };
  const auto slope = std::find_if(doses.slopes.begin(), doses.slopes.end(), of_first);
  const size_t from = doses.shares[0] == 0, count = places.size() - from;
  if (slope == doses.slopes.end() || count < 2) return "";
  const auto line = std::find_if(doses.lines.begin(), doses.lines.end(), of_first);
  double middle = 0, mean = 0;
  for (size_t i = from; i < places.size(); ++i) {
    middle += std::log10(doses.shares[i]) / double(count);
    mean += line->scores[i].value / double(count);
  }
  const auto y = [&](double share) { return chart.y(mean + slope->per_decade.value * (std::log10(share) - middle)); };
  return fmt::format(R"(<path class="slope" d="M{:.1f} {:.1f}L{:.1f} {:.1f}"/>)", 10 * places[from], y(doses.shares[from]),
                     10 * places.back(), y(doses.shares.back()));
}

}  // namespace

std::string tuning_chart(const Result& result) {
  if (result.tuning.curves.empty()) return "";
  size_t trials = 1;
  std::vector<Result::Line> lines;
  for (const auto& curve : result.tuning.curves) {
    trials = std::max(trials, curve.expected.size());
    lines.push_back({curve.contestant, {}});
    for (const double value : curve.expected) lines.back().scores.push_back({value, value, value});
  }
  std::vector<double> places;
  for (size_t n = 0; n < trials; ++n) places.push_back(place(double(n), double(trials)));
  Chart chart = line_chart(result, lines, places);
  chart.about = fmt::format("Expected best validation {} against the number of trials", escape(result.fight.metric.title));
  chart.ticks = ticks_at(places, [](size_t i) { return fmt::format("{}", i + 1); });
  chart.below = "trials";
  return chart.html();
}

std::string tuning_table(const Result& result) {
  size_t trials = 0;
  for (const auto& curve : result.tuning.curves) trials = std::max(trials, curve.expected.size());
  Row heads = {"Trials"};
  for (size_t n = 1; n <= trials; ++n) heads.push_back(fmt::format("{}", n));
  std::vector<Row> rows;
  for (const auto& curve : result.tuning.curves) {
    rows.push_back({titled(result.contestant(curve.contestant))});
    for (size_t n = 0; n < trials; ++n) rows.back().push_back(n < curve.expected.size() ? fixed(curve.expected[n], 3) : "");
  }
  return table("numbers", heads, rows);
}

std::string doses_chart(const Result& result, const Result::Doses& doses) {
  if (doses.lines.empty()) return "";
  const auto places = log_places(doses.shares);
  Chart chart = line_chart(result, doses.lines, places);
  chart.paths += slope_path(result, doses, places, chart);
  chart.about =
      fmt::format("{} against the share of the behaviour in the dictionary’s text", escape(result.fight.metric.title));
  chart.ticks = ticks_at(places, [&](size_t i) { return share_text(doses.shares[i]); });
  chart.below = "of its text";
  return chart.html();
}

std::string doses_table(const Result& result, const Result::Doses& doses) {
  Row heads = {"Share"};
  for (const double share : doses.shares) heads.push_back(share_text(share));
  heads.push_back("for ten times as much");
  std::vector<Row> rows;
  for (const auto& line : doses.lines) {
    rows.push_back(line_row(result, line));
    const auto slope = std::find_if(doses.slopes.begin(), doses.slopes.end(),
                                    [&](const auto& it) { return it.contestant == line.contestant; });
    rows.back().push_back(slope == doses.slopes.end() ? "" : signed_html(slope->per_decade));
  }
  return table("numbers stacked", heads, rows);
}

std::string few_shots_chart(const Result& result, const Result::FewShots& few_shots) {
  if (few_shots.lines.empty()) return "";
  const auto places = log_places({few_shots.examples.begin(), few_shots.examples.end()});
  Chart chart = line_chart(result, few_shots.lines, places);
  chart.about = fmt::format("{} against the number of examples of the behaviour", escape(result.fight.metric.title));
  chart.ticks = ticks_at(places, [&](size_t i) { return thousands(few_shots.examples[i]); });
  chart.below = "examples";
  return chart.html();
}

std::string few_shots_table(const Result& result, const Result::FewShots& few_shots) {
  Row heads = {"Examples"};
  for (const int64_t examples : few_shots.examples) heads.push_back(thousands(examples));
  std::vector<Row> rows;
  for (const auto& line : few_shots.lines) rows.push_back(line_row(result, line));
  return table("numbers stacked", heads, rows);
}

}  // namespace fairfight
