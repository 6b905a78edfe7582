#include "fairfight/report/plots.h"

#include <fmt/format.h>

#include <algorithm>

#include "fairfight/report/page.h"
#include "fairfight/report/svg.h"
#include "fairfight/report/text.h"

namespace fairfight {
namespace {

/// The smallest range that holds everything added.
struct Range {
  double low = 0, high = 0;
  void add(const Estimate& estimate) {
    low = std::min({low, estimate.low, estimate.value});
    high = std::max({high, estimate.high, estimate.value});
  }
};

/// What an interval settles: "ahead" and "behind" exclude zero.
std::string standing(const Estimate& lead) { return lead.low > 0 ? "ahead" : lead.high < 0 ? "behind"
                                                                                           : "open"; }

Mark diamond(const Estimate& difference, double y) { return {difference, Shape::diamond, standing(difference), y, 5.5, true, {}}; }

std::string around_zero(const Range& range, const Backdrop& backdrop, double row_height, const std::vector<PlotRow>& rows,
                        const std::string& other) {
  return plot(Axis(range.low, range.high), backdrop, row_height, rows, "◂ " + other + " better", "challenger better ▸");
}

}  // namespace

std::string forest_plot(const Result& result, const Result::Contestant& challenger) {
  const double edge = -result.verdict.margin;
  Range range;
  range.add({edge, edge, edge});
  std::vector<PlotRow> rows;
  for (const auto* baseline : result.ranked()) {
    if (baseline->role != Result::Role::baseline) continue;
    if (!baseline->handed_in() || !challenger.handed_in()) {
      rows.push_back({"<span class=\"minus\">− </span>" + escape(baseline->title), "–", {}});
      continue;
    }
    const auto& [mean, families] = result.difference(challenger.name, baseline->name).score;
    PlotRow row{"<span class=\"minus\">− </span>" + escape(baseline->title), signed_html(mean), {diamond(mean, 12)}};
    range.add(mean);
    for (const auto& family : families) {
      const Estimate point{family.value, family.value, family.value};
      row.marks.push_back({point, Shape::circle, "family", 25, 2.2, false, {}});
      range.add(point);
    }
    rows.push_back(std::move(row));
  }
  return around_zero(range, {0, edge}, 34, rows, "baseline");
}

std::string necessity_plot(const Result& result, const Result::Contestant& challenger) {
  Range range;
  std::vector<PlotRow> rows;
  for (const auto& control : result.necessity.controls) {
    if (control.challenger != challenger.name) continue;
    const std::string label = fmt::format(
        "<span class=\"minus\">− </span>{}<span class=\"aside\">{} {} ({}–{})</span><span class=\"aside\">FVU {}, L0 "
        "{}{}</span>",
        escape(control.title), escape(result.fight.metric.title), fixed(control.score.value, 3), fixed(control.score.low, 3),
        fixed(control.score.high, 3), fixed(control.fvu, 3), fixed(control.l0, 1), control.required ? "" : "; not required");
    rows.push_back({label,
                    signed_html(control.difference) + (control.beaten ? "<span class=\"outcome yes\">beaten</span>"
                                                                      : "<span class=\"outcome no\">not beaten</span>"),
                    {diamond(control.difference, 30)}});
    range.add(control.difference);
  }
  return rows.empty() ? "" : around_zero(range, {0, 0}, 60, rows, "other basis");
}

}  // namespace fairfight
