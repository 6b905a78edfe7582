#include "fairfight/report/scatter.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fairfight/report/chart.h"
#include "fairfight/report/page.h"
#include "fairfight/report/text.h"

namespace fairfight {
namespace {

using Role = Result::Role;
using Scatter = Section::Scatter;

constexpr double kLeastTickDistance = 16;  // per cent of the width: a narrow page's labels do not touch
constexpr double kBeyond = 0.2;            // of the metric's span: how far below no skill the picture goes

/// A horizontal scale that is linear around zero and logarithmic far from it: a price lies between none at all and many times the limit.
class SoftLog {
 public:
  SoftLog(double low, double high, double linear)
      : linear_(linear), low_(soft(low)), high_(std::max(soft(high), low_ + 1e-6)) {}

  double at(double value) const { return 3 + 94 * (soft(value) - low_) / (high_ - low_); }

  /// Zero and powers of ten, as far as their labels find room.
  std::vector<Chart::Tick> ticks() const {
    std::vector<Chart::Tick> ticks = {{at(0), "0"}};
    for (const double sign : {1., -1.}) {
      double last = at(0);
      for (int power = int(std::ceil(std::log10(linear_))); power <= 9; ++power) {
        const double value = sign * std::pow(10, power), place = at(value);
        if (place < 0 || place > 98) break;
        if (std::abs(place - last) < kLeastTickDistance) continue;
        ticks.push_back(
            {place, power < 6 ? fixed(value, std::max(0, -power)) : fmt::format("{}10⁺{}", sign < 0 ? "−" : "", power)});
        last = place;
      }
    }
    return ticks;
  }

 private:
  double soft(double value) const { return std::asinh(value / linear_); }
  double linear_, low_, high_;
};

/// The part of the vertical scale that is shown: a trial can make things worse without end.
struct Window {
  double low, high;
  bool holds(double score) const { return low <= score && score <= high; }
  double clamp(double score) const { return std::clamp(score, low, high); }
};

Window window_of(const Result& result) {
  const auto& metric = result.fight.metric;
  const double beyond = kBeyond * (metric.perfect - metric.no_skill);
  return {metric.no_skill - beyond, metric.perfect + beyond};
}

double score_of(const Scatter::Point& point) { return point.values[0]; }
double price_of(const Scatter::Point& point) { return point.values[1]; }

std::string dot(const Chart& chart, const SoftLog& x, const Window& window, const Scatter::Point& point) {
  const double place = x.at(price_of(point)), y = chart.y(window.clamp(score_of(point)));
  if (window.holds(score_of(point))) return fmt::format(R"(<circle cx="{:.2f}%" cy="{:.1f}" r="2.2"/>)", place, y);
  const double tip = score_of(point) < window.low ? 4 : -4;  // an arrow: it lies further out
  return fmt::format(R"(<svg x="{:.2f}%" y="{:.1f}" overflow="visible"><path d="M-4 {:g}H4L0 {:g}z"/></svg>)", place, y,
                     -tip, tip);
}

/// Whether it keeps all limits but that of its price.
bool keeps_the_rest(const Scatter& scatter, const Scatter::Point& point) {
  for (size_t i = 0; i < scatter.axes.size(); ++i)
    if (i != 1 && !scatter.axes[i].holds(point.values[i])) return false;
  return true;
}

/// The best score that any trial of a role reached at no higher price, among those that keep the other limits.
std::string front(const Result& result, const Scatter& scatter, Role role, const Chart& chart, const SoftLog& x, const Window& window) {
  std::vector<const Scatter::Point*> points;
  for (const auto& cloud : scatter.clouds)
    if (result.contestant(cloud.contestant).role == role)
      for (const auto& point : cloud.points)
        if (keeps_the_rest(scatter, point)) points.push_back(&point);
  std::stable_sort(points.begin(), points.end(), [](const auto* a, const auto* b) { return price_of(*a) < price_of(*b); });
  std::string path;
  double best = 0;
  for (const auto* point : points) {
    if (!path.empty() && score_of(*point) <= best) continue;
    best = score_of(*point);
    path += fmt::format("{}{:.1f}{}{:.1f}", path.empty() ? "M" : "H", 10 * x.at(price_of(*point)), path.empty() ? " " : "V",
                        chart.y(window.clamp(best)));
  }
  return path.empty() ? "" : fmt::format(R"(<path class="front {}" d="{}H1000"/>)", name_of(role), path);
}

/// What was allowed, as a line upwards.
std::string limit_line(const Scatter& scatter, const Chart& chart, const SoftLog& x) {
  if (!scatter.axes[1].limit) return "";
  const double place = x.at(*scatter.axes[1].limit);
  return fmt::format(R"(<line class="edge" x1="{0:.2f}%" x2="{0:.2f}%" y1="0" y2="{1:g}"/>)", place, chart.height) +
         fmt::format(R"(<text x="{:.2f}%" y="{:g}" dx="5">at most {}</text>)", place, chart.height - 6,
                     amount_text(scatter.axes[1].form, *scatter.axes[1].limit));
}

/// The faint ones lie below.
std::string dots(const Result& result, const Scatter& scatter, const Chart& chart, const SoftLog& x, const Window& window) {
  std::string html;
  for (const bool allowed : {false, true})
    for (const auto& cloud : scatter.clouds) {
      std::string group;
      for (const auto& point : cloud.points)
        if (point.allowed == allowed) group += dot(chart, x, window, point);
      if (!group.empty())
        html += fmt::format(R"(<g class="dots {}{}">{}</g>)", name_of(result.contestant(cloud.contestant).role), allowed ? "" : " over", group);
    }
  return html;
}

/// What a contestant chose: a diamond, and its label on the right.
void draw_choice(const Result& result, const Scatter& scatter, const Scatter::Cloud& cloud, const SoftLog& x, const Window& window, Chart& chart) {
  const OperatingPoint chosen = operating_point(scatter, cloud);
  if (chosen.chosen == 0) return;
  const auto& contestant = result.contestant(cloud.contestant);
  const auto& price = scatter.axes[1];
  const std::string style = std::string(name_of(contestant.role)) + (contestant.name == result.verdict.ruling.challenger ? " first" : "");
  const std::string score = form_text(scatter.axes[0].form, chosen.values[0]);
  const double place = x.at(chosen.values[1]), y = chart.y(window.clamp(chosen.values[0]));
  chart.paths += fmt::format(R"(<path class="{} rest" d="M{:.1f} {:.1f}H1000"/>)", style, 10 * place, y);
  chart.front += fmt::format(
      R"(<svg class="chosen {}" x="{:.2f}%" y="{:.1f}" overflow="visible"><title>{}: {}, {}{}</title>)"
      R"(<path d="M0 -7L7 0 0 7 -7 0z"/></svg>)",
      style, place, y, escape(contestant.title), score, form_text(price.form, chosen.values[1]),
      price.unit.empty() ? "" : " " + escape(price.unit));
  chart.labels.push_back({y, style, escape(contestant.title), score});
}

std::string about_of(const Scatter::Axis& axis) { return escape(axis.about.empty() ? axis.title : axis.about); }

/// "Hollow ones are over the limits: Δ cross-entropy above 0.02 nats a token, or worst ability (...) below 99 %."
std::string what_is_hollow(const Scatter& scatter) {
  std::string limits;
  for (size_t i = 0; i < scatter.axes.size(); ++i) {
    const auto& axis = scatter.axes[i];
    if (!axis.limit) continue;
    limits += fmt::format("{}{}{} {} {}", limits.empty() ? "" : ", or ", escape(axis.title),
                          i < 2 || axis.about.empty() ? "" : " (" + escape(axis.about) + ")", axis.at_most ? "above" : "below",
                          escape(limit_text(axis)));
  }
  return limits.empty() ? "Hollow ones were not allowed." : "Hollow ones were not allowed: " + limits + ".";
}

/// What is the same for every scatter.
std::string how_dots_are_read(const Result& result, const Scatter& scatter) {
  const size_t outside = outside_of_picture(result, scatter);
  return fmt::format(
      "Each dot is a trial of one run, on validation: to the right {}, upwards {}. {} A diamond is what a contestant chose, its "
      "runs’ mean; the steps are the best that either side reached at no higher price{}. The scale below is linear up to ±{:.3g} "
      "and logarithmic beyond.{}",
      about_of(scatter.axes[1]), about_of(scatter.axes[0]), what_is_hollow(scatter),
      scatter.axes.size() > 2 ? ", within the other limits" : "", linear_up_to(scatter),
      outside == 0 ? "" : fmt::format(" Arrows: {} further out.", counted(int64_t(outside), "trial")));
}

}  // namespace

OperatingPoint operating_point(const Scatter& scatter, const Scatter::Cloud& cloud) {
  OperatingPoint mean{0, 0, cloud.points.size(), std::vector<double>(scatter.axes.size())};
  for (const auto& point : cloud.points) {
    mean.allowed += point.allowed;
    mean.chosen += point.chosen;
  }
  for (const auto& point : cloud.points)
    for (size_t i = 0; point.chosen && i < mean.values.size(); ++i) mean.values[i] += point.values[i] / double(mean.chosen);
  return mean;
}

double linear_up_to(const Scatter& scatter) {
  if (const auto& limit = scatter.axes[1].limit) return std::max(1e-6, *limit / 10);
  double furthest = 1e-6;
  for (const auto& cloud : scatter.clouds)
    for (const auto& point : cloud.points) furthest = std::max(furthest, std::abs(price_of(point)));
  return furthest;
}

size_t outside_of_picture(const Result& result, const Scatter& scatter) {
  const Window window = window_of(result);
  size_t count = 0;
  for (const auto& cloud : scatter.clouds)
    count += size_t(std::count_if(cloud.points.begin(), cloud.points.end(),
                                  [&](const auto& point) { return !window.holds(score_of(point)); }));
  return count;
}

std::string scatter_chart(const Result& result, const Scatter& scatter) {
  const Window window = window_of(result);
  const double limit = scatter.axes[1].limit.value_or(0);
  double left = std::min(0., limit), right = std::max(0., limit);
  double low = window.clamp(result.fight.metric.no_skill), high = low;
  size_t trials = 0;
  for (const auto& cloud : scatter.clouds)
    for (const auto& point : cloud.points) {
      ++trials;
      left = std::min(left, price_of(point));
      right = std::max(right, price_of(point));
      low = std::min(low, window.clamp(score_of(point)));
      high = std::max(high, window.clamp(score_of(point)));
    }
  if (trials == 0) return "";
  const SoftLog x(left, right, linear_up_to(scatter));
  Chart chart(Axis(low, high), scatter.clouds.size());
  chart.height = std::max(chart.height, 380.);
  chart.style = "scatter";
  chart.behind = limit_line(scatter, chart, x) + dots(result, scatter, chart, x, window);
  for (const Role role : {Role::baseline, Role::challenger}) chart.paths += front(result, scatter, role, chart, x, window);
  for (const auto& cloud : scatter.clouds) draw_choice(result, scatter, cloud, x, window, chart);
  chart.about = fmt::format("{} of every trial against {}", escape(scatter.axes[0].title), about_of(scatter.axes[1]));
  chart.ticks = x.ticks();
  chart.below = escape(scatter.axes[1].unit.empty() ? scatter.axes[1].title : scatter.axes[1].unit);
  return chart.html();
}

std::string scatter_table(const Result& result, const Scatter& scatter) {
  Row heads = {""};
  for (const auto& axis : scatter.axes) heads.push_back(escape(head_of(axis)));
  heads.push_back("trials allowed");
  std::vector<Row> rows;
  for (const auto* contestant : result.ranked())
    for (const auto& cloud : scatter.clouds) {
      if (cloud.contestant != contestant->name) continue;
      const OperatingPoint point = operating_point(scatter, cloud);
      rows.push_back({titled_with_tag(*contestant)});
      for (size_t i = 0; i < scatter.axes.size(); ++i)
        rows.back().push_back(point.chosen > 0 ? form_text(scatter.axes[i].form, point.values[i]) : "–");
      rows.back().push_back(fmt::format("{} of {}", point.allowed, point.trials));
    }
  return table("numbers", heads, rows);
}

std::string scatter_html(const Result& result, const Section& section, const Scatter& scatter) {
  const std::string chart = scatter_chart(result, scatter);
  const std::string caption = (section.caption.empty() ? "" : sentence_html(section.caption) + " ") + how_dots_are_read(result, scatter);
  return (chart.empty() ? "" : figure(escape(section.heading), caption, chart)) +
         figure("Operating points", "What was chosen on validation, means over the runs.", scatter_table(result, scatter));
}

}  // namespace fairfight
