#include "fairfight/report/plots.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "fairfight/report/svg.h"
#include "fairfight/report/text.h"

namespace fairfight {
namespace {

constexpr double kLane = 15;  // pixels of height that a family takes in a row

Shape family_shape(size_t family) {
  constexpr std::array kShapes = {Shape::circle, Shape::square, Shape::triangle, Shape::diamond};
  return kShapes[family % kShapes.size()];
}

/// Another colour for the shape's next turn: sixteen families can be told apart.
std::string family_style(size_t family) { return fmt::format("family-{}", (family + family / 4) % 4); }

/// The smallest range that holds `origin` and everything added.
struct Range {
  double low, high;
  void add(const Estimate& estimate) {
    low = std::min({low, estimate.low, estimate.value});
    high = std::max({high, estimate.high, estimate.value});
  }
};

/// What an interval settles: "ahead" and "behind" exclude zero.
std::string standing(const Estimate& difference, bool higher_is_better) {
  if (difference.low <= 0 && difference.high >= 0) return "open";
  return (difference.low > 0) == higher_is_better ? "ahead" : "behind";
}

}  // namespace

std::string forest_plot(const Result& result, const Result::Contestant& challenger) {
  const bool higher = result.fight.metric.higher_is_better();
  Range range{0, 0};
  std::vector<PlotRow> rows;
  for (const auto* baseline : result.ranked()) {
    if (baseline->challenger) continue;
    const auto& [mean, families] = result.difference(challenger.name, baseline->name).score;
    PlotRow row;
    row.label = fmt::format("<span class=\"minus\">− </span>{}", escape(baseline->title));
    row.value = fmt::format("<b>{}</b> <span class=\"interval\">{} to {}</span>", signed_fixed(mean.value, 3),
                            signed_fixed(mean.low, 3), signed_fixed(mean.high, 3));
    row.marks.push_back({mean, Shape::diamond, standing(mean, higher), 14, 5.5, true, {}});
    range.add(mean);
    for (size_t i = 0; i < families.size(); ++i) {
      const double value = families[i].value;
      row.marks.push_back({{value, value, value}, family_shape(i), family_style(i), 30, 3, false, {}});
      range.add(row.marks.back().estimate);
    }
    rows.push_back(std::move(row));
  }
  return plot(Axis(range.low, range.high), 0, 40, rows, higher ? "◂ baseline better" : "◂ challenger better",
              higher ? "challenger better ▸" : "baseline better ▸");
}

std::string family_plot(const Result& result) {
  const auto& metric = result.fight.metric;
  Range range{std::min(metric.no_skill, metric.perfect), std::max(metric.no_skill, metric.perfect)};
  std::vector<PlotRow> rows;
  for (const auto* contestant : result.ranked()) {
    const auto& [mean, families] = contestant->score;
    PlotRow row;
    row.label = fmt::format("<span class=\"{}\">{}</span>", contestant->challenger ? "challenger" : "baseline",
                            escape(contestant->title));
    row.value = fmt::format("<b>{}</b> <span class=\"interval\">{} to {}</span>", fixed(mean.value, 3), fixed(mean.low, 3),
                            fixed(mean.high, 3));
    for (size_t i = 0; i < families.size(); ++i) {
      Mark mark{families[i], family_shape(i), family_style(i), kLane * (double(i) + .85), 3.6, true, {}};
      for (const auto& run : contestant->by_seed) {
        mark.whispers.push_back(run.families[i]);
        range.add({run.families[i], run.families[i], run.families[i]});
      }
      range.add(families[i]);
      row.marks.push_back(std::move(mark));
    }
    rows.push_back(std::move(row));
  }
  const double height = kLane * (double(result.fight.families.size()) + .7);
  const bool higher = metric.higher_is_better();
  return plot(Axis(range.low, range.high), metric.no_skill, height, rows, higher ? "" : "◂ better",
              higher ? "better ▸" : "");
}

std::string family_legend(const Result& result) {
  std::string html = "<ul class=\"legend\">";
  for (size_t i = 0; i < result.fight.families.size(); ++i)
    html += fmt::format("<li>{}{}</li>", legend_mark(family_shape(i), family_style(i)),
                        escape(spoken(result.fight.families[i].name)));
  return html + "</ul>\n";
}

}  // namespace fairfight
