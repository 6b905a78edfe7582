#include "fairfight/arena/judge.h"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>

#include "fairfight/base/error.h"
#include "fairfight/base/statistics.h"

namespace fairfight {
namespace {

double level_of_sample(double level) {
  constexpr double kOfSkewed = 0.6;  // of the error that is claimed: see bounds()
  return 1 - kOfSkewed * (1 - level);
}

}  // namespace

double t_quantile(double level, size_t df) { return boost::math::quantile(boost::math::students_t(double(df)), level); }

Bounds bounds(const Sample& sample, double level, Scope scope) {
  const size_t organisms = sample.value.size();
  if (organisms == 0 || sample.draws.size() != organisms || sample.seed_variance.size() != organisms)
    fail("[bounds] got {} values, {} rows of draws and {} variances, expected one an organism", organisms, sample.draws.size(),
         sample.seed_variance.size());
  if (!(level > 0.5 && level < 1)) fail("[bounds] level: got {}, expected between 0.5 and 1", level);

  if (sample.dictionary_seeds < 2 && std::any_of(sample.seed_variance.begin(), sample.seed_variance.end(), [](double v) { return v > 0; }))
    fail("[bounds] got a variance of dictionary seeds, but no two of them");

  double items = 0, seeds = 0;  // variances of the mean over organisms
  for (size_t o = 0; o < organisms; ++o) {
    const double noise = variance(sample.draws[o]), part = std::min(noise, sample.seed_variance[o]);
    seeds += part / double(organisms * organisms);
    items += (noise - part) / double(organisms * organisms);
  }
  const double z = boost::math::quantile(boost::math::normal(), level);
  const double of_seeds = seeds > 0 ? t_quantile(level, organisms * (sample.dictionary_seeds - 1)) : 0;
  double half = std::sqrt(z * z * items + of_seeds * of_seeds * seeds);
  Bounds bounds;
  bounds.value = mean(sample.value);
  bounds.standard_error = std::sqrt(items + seeds);
  bounds.quantile = half > 0 ? half / bounds.standard_error : z;
  if (organisms > 1 && scope == Scope::sample) {
    const double error = std::sqrt(variance(sample.value) / double(organisms)), t = t_quantile(level_of_sample(level), organisms - 1);
    if (t * error > half) {
      half = t * error;
      bounds.standard_error = error;
      bounds.quantile = t;
    }
  }
  bounds.low = bounds.value - half;
  bounds.high = bounds.value + half;
  return bounds;
}

std::optional<size_t> would_settle(const Sample& difference, double margin, double level) {
  constexpr double kChance = 0.8;
  const size_t organisms = difference.value.size();
  if (organisms < 2) return std::nullopt;
  double within = 0;
  for (const auto& draws : difference.draws) within += variance(draws) / double(organisms);
  const double scatter = std::sqrt(std::max(variance(difference.value), within)), gap = std::abs(mean(difference.value) + margin);
  const double z = boost::math::quantile(boost::math::normal(), kChance);
  for (size_t n = kEnoughOrganisms; n <= kMostOrganisms; ++n)
    if ((t_quantile(level_of_sample(level), n - 1) + z) * scatter <= gap * std::sqrt(double(n))) return n;
  return std::nullopt;
}

Result::Ruling rule(const Sample& difference, double level, Scope scope, double margin, const MightGain& might) {
  if (!(margin >= 0)) fail("[rule] margin: got {}, expected 0 or more", margin);
  const auto with = [&](const std::vector<double>& gains, double sign) {
    if (!gains.empty() && gains.size() != difference.value.size()) fail("[rule] got {} gains, expected one an organism, {}", gains.size(), difference.value.size());
    Sample shifted = difference;
    for (size_t o = 0; o < gains.size(); ++o) shifted.value[o] += sign * gains[o];
    return bounds(shifted, level, scope);
  };
  const Bounds as_it_is = bounds(difference, level, scope);
  Result::Ruling ruling;
  ruling.interval = as_it_is.estimate();
  ruling.beats = as_it_is.low > 0;
  ruling.competitive = as_it_is.low > -margin;
  const double low = std::min(as_it_is.low, with(might.baselines, -1).low), high = std::max(as_it_is.high, with(might.challengers, 1).high);
  ruling.label = high < -margin  ? Result::Label::loses
                 : low > 0       ? Result::Label::beats
                 : low > -margin ? Result::Label::competitive
                                 : Result::Label::inconclusive;
  return ruling;
}

}  // namespace fairfight
