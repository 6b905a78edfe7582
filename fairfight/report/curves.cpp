#include "fairfight/report/curves.h"

#include <fmt/format.h>

#include <algorithm>

#include "fairfight/report/page.h"
#include "fairfight/report/svg.h"
#include "fairfight/report/text.h"

namespace fairfight {
namespace {

constexpr double kGap = 17, kLeastHeight = 300;  // pixels: between labels, of the drawing
constexpr double kLeader = 26;                   // pixels of width between a line's end and its label

struct Line {
  const Result::Curve* curve;
  const Result::Contestant* contestant;
  std::string style;
  double end = 0;  // pixels below the top
};

/// Per cent of the width at which the n-th trial stands; a single one stands in the middle.
double place(size_t n, size_t trials) { return trials < 2 ? 50 : 1 + 98 * double(n - 1) / double(trials - 1); }

/// The faint lines first: the strong ones lie above them.
std::vector<Line> lines_of(const Result& result) {
  std::vector<Line> lines;
  for (const auto& curve : result.tuning.curves) {
    const auto& contestant = result.contestant(curve.contestant);
    std::string style(name_of(contestant.role));
    if (contestant.name == result.verdict.ruling.challenger) style += " first";
    lines.push_back({&curve, &contestant, style, 0});
  }
  const auto strength = [](const Line& line) { return line.contestant->challenger() + line.style.ends_with("first"); };
  std::stable_sort(lines.begin(), lines.end(), [&](const Line& a, const Line& b) { return strength(a) < strength(b); });
  return lines;
}

}  // namespace

std::vector<double> spread(const std::vector<double>& wanted, double gap, double low, double high) {
  struct Block {
    double sum;
    size_t count;
    double mean() const { return sum / double(count); }
  };
  std::vector<Block> blocks;  // of what `gap` takes away, ascending: pools of adjacent violators
  for (size_t i = 0; i < wanted.size(); ++i) {
    blocks.push_back({wanted[i] - gap * double(i), 1});
    while (blocks.size() > 1 && blocks[blocks.size() - 2].mean() > blocks.back().mean()) {
      const Block last = blocks.back();
      blocks.pop_back();
      blocks.back().sum += last.sum;
      blocks.back().count += last.count;
    }
  }
  const double highest = std::max(low, high - gap * double(wanted.size()) + gap);
  std::vector<double> places;
  for (const auto& block : blocks)
    for (size_t i = 0; i < block.count; ++i)
      places.push_back(std::clamp(block.mean(), low, highest) + gap * double(places.size()));
  return places;
}

std::string tuning_chart(const Result& result) {
  auto lines = lines_of(result);
  if (lines.empty()) return "";
  size_t trials = 1;
  double low = lines[0].curve->expected[0], high = low;
  for (const auto& line : lines) {
    trials = std::max(trials, line.curve->expected.size());
    for (const double value : line.curve->expected) {
      low = std::min(low, value);
      high = std::max(high, value);
    }
  }
  const double height = std::max(kLeastHeight, kGap * double(lines.size() + 1));
  const Axis axis(low, high);
  const auto y = [&](double value) { return height * (1 - axis.at(value) / 100); };

  std::string scale, paths, dots;
  for (const double tick : axis.ticks()) {
    scale += fmt::format(R"(<text x="100%" y="{:.1f}" dy=".32em" text-anchor="end">{}</text>)", y(tick), axis.label(tick));
    dots += fmt::format(R"(<line class="grid" x1="0" x2="100%" y1="{0:.1f}" y2="{0:.1f}"/>)", y(tick));
  }
  for (auto& line : lines) {
    const auto& expected = line.curve->expected;
    std::string path;
    for (size_t n = 1; n <= expected.size(); ++n)
      path += fmt::format("{}{:.1f} {:.1f}", n == 1 ? "M" : "L", 10 * place(n, trials), y(expected[n - 1]));
    line.end = y(expected.back());
    if (expected.size() > 1) paths += fmt::format(R"(<path class="{}" d="{}"/>)", line.style, path);
    if (expected.size() < trials)  // its space is exhausted
      paths += fmt::format(R"(<path class="{} rest" d="M{:.1f} {:.1f}H1000"/>)", line.style,
                           10 * place(expected.size(), trials), line.end);
    else if (trials > 1)
      paths +=
          fmt::format(R"(<path class="{}" d="M{:.1f} {:.1f}H1000"/>)", line.style, 10 * place(trials, trials), line.end);
    dots += fmt::format(R"(<circle class="{}" cx="{:.2f}%" cy="{:.1f}" r="3"/>)", line.style, place(expected.size(), trials),
                        line.end);
  }

  std::stable_sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) { return a.end < b.end; });
  std::vector<double> ends;
  for (const auto& line : lines) ends.push_back(line.end);
  const auto places = spread(ends, kGap, kGap / 2, height - kGap / 2);
  std::string leaders, labels;
  for (size_t i = 0; i < lines.size(); ++i) {
    leaders +=
        fmt::format(R"(<path class="{}" d="M0 {:.1f}L{} {:.1f}"/>)", lines[i].style, lines[i].end, kLeader - 4, places[i]);
    labels += fmt::format("<li class=\"{}\" style=\"top:{:.1f}px\">{} <span>{}</span></li>\n", lines[i].style, places[i],
                          escape(lines[i].contestant->title), fixed(lines[i].curve->expected.back(), 3));
  }
  std::string counts;
  const size_t step = (trials + 11) / 12;
  for (size_t n = 1; n <= trials; n += step)
    counts += fmt::format(R"(<text x="{:.2f}%" y="14" text-anchor="middle">{}</text>)", place(n, trials), n);

  const std::string about =
      fmt::format("Expected best validation {} against the number of trials", escape(result.fight.metric.title));
  return fmt::format(R"(<div class="curves">
<svg class="scale" width="100%" height="{0:g}" aria-hidden="true">{1}</svg>
<svg class="lines" width="100%" height="{0:g}" role="img" aria-label="{2}">{3}
<svg viewBox="0 0 1000 {0:g}" width="100%" height="{0:g}" preserveAspectRatio="none">{4}</svg></svg>
<svg class="leaders" width="{5:g}" height="{0:g}" aria-hidden="true">{6}</svg>
<ol style="height:{0:g}px">
{7}</ol>
<svg class="counts" width="100%" height="18" aria-hidden="true">{8}</svg>
<p>trials</p>
</div>
)",
                     height, scale, about, dots, paths, kLeader, leaders, labels, counts);
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

}  // namespace fairfight
