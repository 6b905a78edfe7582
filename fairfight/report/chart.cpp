#include "fairfight/report/chart.h"

#include <fmt/format.h>

#include <algorithm>

namespace fairfight {
namespace {

constexpr double kGap = 17, kLeastHeight = 300;  // pixels: between labels, of the drawing
constexpr double kLeader = 26;                   // pixels of width between the drawing's edge and a label

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

Chart::Chart(const Axis& axis, size_t labels) : axis(axis), height(std::max(kLeastHeight, kGap * double(labels + 1))) {}

std::string Chart::html() const {
  std::string scale, grid;
  for (const double tick : axis.ticks()) {
    scale += fmt::format(R"(<text x="100%" y="{:.1f}" dy=".32em" text-anchor="end">{}</text>)", y(tick), axis.label(tick));
    grid += fmt::format(R"(<line class="grid" x1="0" x2="100%" y1="{0:.1f}" y2="{0:.1f}"/>)", y(tick));
  }
  auto sorted = labels;
  std::stable_sort(sorted.begin(), sorted.end(), [](const Label& a, const Label& b) { return a.y < b.y; });
  std::vector<double> wanted;
  for (const auto& label : sorted) wanted.push_back(label.y);
  const auto places = spread(wanted, kGap, kGap / 2, height - kGap / 2);
  std::string leaders, names, counts;
  for (size_t i = 0; i < sorted.size(); ++i) {
    leaders +=
        fmt::format(R"(<path class="{}" d="M0 {:.1f}L{} {:.1f}"/>)", sorted[i].style, sorted[i].y, kLeader - 4, places[i]);
    names += fmt::format("<li class=\"{}\" style=\"top:{:.1f}px\">{} <span>{}</span></li>\n", sorted[i].style, places[i],
                         sorted[i].title, sorted[i].value);
  }
  for (const auto& tick : ticks)
    counts += fmt::format(R"(<text x="{:.2f}%" y="14" text-anchor="middle">{}</text>)", tick.place, tick.label);
  return fmt::format(R"(<div class="curves{9}">
<svg class="scale" width="100%" height="{0:g}" aria-hidden="true">{1}</svg>
<svg class="lines" width="100%" height="{0:g}" role="img" aria-label="{2}">{3}
<svg viewBox="0 0 1000 {0:g}" width="100%" height="{0:g}" preserveAspectRatio="none">{4}</svg>{10}</svg>
<svg class="leaders" width="{5:g}" height="{0:g}" aria-hidden="true">{6}</svg>
<ol style="height:{0:g}px">
{7}</ol>
<svg class="counts" width="100%" height="18" aria-hidden="true">{8}</svg>
<p>{11}</p>
</div>
)",
                     height, scale, about, grid + behind, paths, kLeader, leaders, names, counts,
                     style.empty() ? "" : " " + style, front, below);
}

}  // namespace fairfight
