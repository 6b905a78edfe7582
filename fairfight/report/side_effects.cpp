#include "fairfight/report/side_effects.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fairfight/report/chart.h"
#include "fairfight/report/page.h"
#include "fairfight/report/text.h"

namespace fairfight {
namespace {

using Role = Result::Role;

constexpr double kLeastTickDistance = 16;  // per cent of the width: a narrow page's labels do not touch
constexpr double kBeyond = 0.2;            // of the metric's span: how far below no skill the picture goes

/// A horizontal scale that is linear around zero and logarithmic far from it: side effects lie between none at all and nats.
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

/// The part of the vertical scale that is shown: a patch can make things worse without end.
struct Window {
  double low, high;
  bool holds(double score) const { return low <= score && score <= high; }
  double clamp(double score) const { return std::clamp(score, low, high); }
};

Window window_of(const Result& result) {
  const auto& metric = result.fight.metric;
  const auto [low, high] = std::minmax({metric.no_skill, metric.perfect});
  const double beyond = kBeyond * (high - low);
  return {low - beyond, high + beyond};
}

std::string dot(const Chart& chart, const SoftLog& x, const Window& window, const Result::Trial& trial) {
  const double place = x.at(trial.delta_ce), y = chart.y(window.clamp(trial.score));
  if (window.holds(trial.score)) return fmt::format(R"(<circle cx="{:.2f}%" cy="{:.1f}" r="2.2"/>)", place, y);
  const double tip = trial.score < window.low ? 4 : -4;  // an arrow: it lies further out
  return fmt::format(R"(<svg x="{:.2f}%" y="{:.1f}" overflow="visible"><path d="M-4 {:g}H4L0 {:g}z"/></svg>)", place, y,
                     -tip, tip);
}

/// The best score that any trial of a role reached at no higher price, among those that keep the abilities.
std::string front(const Result& result, const Result::SideEffects& effects, Role role, const Chart& chart, const SoftLog& x,
                  const Window& window) {
  std::vector<Result::Trial> trials;
  for (const auto& of : effects.contestants)
    if (result.contestant(of.contestant).role == role)
      std::copy_if(of.trials.begin(), of.trials.end(), std::back_inserter(trials),
                   [&](const auto& trial) { return trial.ability >= effects.least_ability; });
  std::stable_sort(trials.begin(), trials.end(), [](const auto& a, const auto& b) { return a.delta_ce < b.delta_ce; });
  const double sign = result.fight.metric.higher_is_better() ? 1 : -1;
  std::string path;
  double best = 0;
  for (const auto& trial : trials) {
    if (!path.empty() && sign * trial.score <= sign * best) continue;
    best = trial.score;
    path += fmt::format("{}{:.1f}{}{:.1f}", path.empty() ? "M" : "H", 10 * x.at(trial.delta_ce), path.empty() ? " " : "V",
                        chart.y(window.clamp(best)));
  }
  return path.empty() ? "" : fmt::format(R"(<path class="front {}" d="{}H1000"/>)", name_of(role), path);
}

}  // namespace

OperatingPoint operating_point(const Result::Trials& of) {
  OperatingPoint point{0, 0, of.trials.size(), 0, 0, 0};
  for (const auto& trial : of.trials) {
    point.allowed += trial.allowed;
    point.chosen += trial.chosen;
  }
  for (const auto& trial : of.trials) {
    if (!trial.chosen) continue;
    point.score += trial.score / double(point.chosen);
    point.delta_ce += trial.delta_ce / double(point.chosen);
    point.ability += trial.ability / double(point.chosen);
  }
  return point;
}

double linear_up_to(const Result::SideEffects& effects) { return std::max(1e-6, effects.most_delta_ce / 10); }

size_t outside_of_picture(const Result& result, const Result::SideEffects& effects) {
  const Window window = window_of(result);
  size_t count = 0;
  for (const auto& of : effects.contestants)
    count += size_t(
        std::count_if(of.trials.begin(), of.trials.end(), [&](const auto& trial) { return !window.holds(trial.score); }));
  return count;
}

std::string side_effects_chart(const Result& result, const Result::SideEffects& effects) {
  const Window window = window_of(result);
  double left = std::min(0., effects.most_delta_ce), right = std::max(0., effects.most_delta_ce);
  double low = window.clamp(result.fight.metric.no_skill), high = low;
  size_t trials = 0;
  for (const auto& of : effects.contestants)
    for (const auto& trial : of.trials) {
      ++trials;
      left = std::min(left, trial.delta_ce);
      right = std::max(right, trial.delta_ce);
      low = std::min(low, window.clamp(trial.score));
      high = std::max(high, window.clamp(trial.score));
    }
  if (trials == 0) return "";
  const SoftLog x(left, right, linear_up_to(effects));
  Chart chart(Axis(low, high), effects.contestants.size());
  chart.height = std::max(chart.height, 380.);
  chart.style = "sides";

  const double budget = x.at(effects.most_delta_ce);
  chart.behind = fmt::format(R"(<line class="edge" x1="{0:.2f}%" x2="{0:.2f}%" y1="0" y2="{1:g}"/>)", budget, chart.height) +
                 fmt::format(R"(<text x="{:.2f}%" y="{:g}" dx="5">budget {:.3g}</text>)", budget, chart.height - 6,
                             effects.most_delta_ce);
  for (const bool allowed : {false, true})  // the faint ones lie below
    for (const auto& of : effects.contestants) {
      std::string dots;
      for (const auto& trial : of.trials)
        if (trial.allowed == allowed) dots += dot(chart, x, window, trial);
      if (!dots.empty())
        chart.behind += fmt::format(R"(<g class="dots {}{}">{}</g>)", name_of(result.contestant(of.contestant).role),
                                    allowed ? "" : " over", dots);
    }
  for (const Role role : {Role::baseline, Role::challenger}) chart.paths += front(result, effects, role, chart, x, window);
  for (const auto& of : effects.contestants) {
    const OperatingPoint point = operating_point(of);
    if (point.chosen == 0) continue;
    const auto& contestant = result.contestant(of.contestant);
    const std::string style =
        std::string(name_of(contestant.role)) + (contestant.name == result.verdict.ruling.challenger ? " first" : "");
    const double place = x.at(point.delta_ce), y = chart.y(window.clamp(point.score));
    chart.paths += fmt::format(R"(<path class="{} rest" d="M{:.1f} {:.1f}H1000"/>)", style, 10 * place, y);
    chart.front += fmt::format(
        R"(<svg class="chosen {}" x="{:.2f}%" y="{:.1f}" overflow="visible"><title>{}: {}, {} nats a token</title>)"
        R"(<path d="M0 -7L7 0 0 7 -7 0z"/></svg>)",
        style, place, y, escape(contestant.title), fixed(point.score, 3), signed_fixed(point.delta_ce, 4));
    chart.labels.push_back({y, style, escape(contestant.title), fixed(point.score, 3)});
  }
  chart.about = fmt::format("{} of every trial against the change of the cross-entropy", escape(result.fight.metric.title));
  chart.ticks = x.ticks();
  chart.below = "nats a token";
  return chart.html();
}

std::string side_effects_table(const Result& result, const Result::SideEffects& effects) {
  std::vector<Row> rows;
  for (const auto* contestant : result.ranked())
    for (const auto& of : effects.contestants) {
      if (of.contestant != contestant->name) continue;
      const OperatingPoint point = operating_point(of);
      Row row = {titled_with_form(*contestant), "–", "–", "–", fmt::format("{} of {}", point.allowed, point.trials)};
      if (point.chosen > 0)
        row = {row[0], fixed(point.score, 3), signed_fixed(point.delta_ce, 4), percent(point.ability, 2), row[4]};
      rows.push_back(std::move(row));
    }
  return table("numbers",
               Row{"", escape(result.fight.metric.title), "Δ cross-entropy", "Worst ability", "Trials within the budget"},
               rows);
}

}  // namespace fairfight
