#include "fairfight/arena/metric.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "fairfight/base/error.h"

namespace fairfight {

Metric Metric::auroc() { return {{"auroc", "AUROC", 0.5, 1, "no skill", "perfect"}, Form::auroc}; }

Metric Metric::of_less(const std::string& name, const std::string& title, double no_skill, double perfect) {
  if (!(perfect < no_skill)) fail("[metric] {}: got {} as perfect and {} as no skill, expected less of it to be better", name, perfect, no_skill);
  return {{name, "minus " + title, -no_skill, -perfect}, Form::mean, true};
}

ItemScores Metric::scores(ItemScores measured) const {
  for (auto& [group, values] : measured)
    for (double& value : values) value = score(value);
  return measured;
}

Estimate Metric::inside(const Estimate& bounds) const {
  if (form != Form::auroc) return bounds;
  return {bounds.value, std::max(bounds.low, 0.0), std::min(bounds.high, 1.0)};
}

ItemScores Metric::without_skill(ItemScores like) const {
  for (auto& [group, values] : like) std::fill(values.begin(), values.end(), reported.no_skill);  // all alike: an AUROC of 0.5
  return like;
}

bool Effects::finite() const {
  return std::all_of(values.begin(), values.end(), [](const auto& e) { return std::isfinite(e.second); });
}

bool within(const std::vector<Constraint>& constraints, const Effects& effects, double to_spare) {
  return std::all_of(constraints.begin(), constraints.end(), [&](const Constraint& c) { return c.room(effects.values.at(c.name)) >= to_spare * effects.errors.at(c.name); });
}

std::vector<double> slack(const std::vector<Constraint>& constraints, const Effects& effects) {
  std::vector<double> left;
  for (const auto& c : constraints) {
    const double room = c.room(effects.values.at(c.name)), error = effects.errors.at(c.name);
    const double infinity = std::numeric_limits<double>::infinity();
    left.push_back(std::isnan(room) ? -infinity : error > 0 ? room / error
                                                            : std::copysign(infinity, room));
  }
  return left;
}

Effects broken(const std::vector<Constraint>& constraints) {
  Effects effects;
  for (const auto& c : constraints) {
    effects.values[c.name] = c.broken;
    effects.errors[c.name] = 0;
  }
  return effects;
}

}  // namespace fairfight
