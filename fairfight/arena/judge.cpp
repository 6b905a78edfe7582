#include "fairfight/arena/judge.h"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>

#include "fairfight/arena/statistics.h"
#include "fairfight/base/error.h"

namespace fairfight {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();

double t_quantile(double level, double df) {
  if (!(df < 1e6)) return boost::math::quantile(boost::math::normal(), level);
  return boost::math::quantile(boost::math::students_t(df), level);
}

}  // namespace

Bounds bounds(const Sample& sample, double level) {
  const size_t organisms = sample.value.size();
  if (organisms == 0 || sample.draws.size() != organisms || sample.seed_variance.size() != organisms)
    fail("[bounds] got {} values, {} rows of draws and {} variances, expected one an organism", organisms, sample.draws.size(),
         sample.seed_variance.size());
  if (!(level > 0.5 && level < 1)) fail("[bounds] level: got {}, expected between 0.5 and 1", level);

  double within = 0, uncertain = 0;
  for (size_t o = 0; o < organisms; ++o) {
    const double noise = variance(sample.draws[o]), seeds = std::min(noise, sample.seed_variance[o]);
    within += noise;
    if (sample.dictionary_seeds > 1) uncertain += seeds * seeds / double(sample.dictionary_seeds - 1);
  }
  Bounds bounds;
  bounds.value = mean(sample.value);
  bounds.standard_error = std::sqrt(within) / double(organisms);
  bounds.df = uncertain > 0 ? within * within / uncertain : kInfinite;
  double half = bounds.standard_error > 0 ? t_quantile(level, bounds.df) * bounds.standard_error : 0;
  if (organisms > 1) {
    const double error = std::sqrt(variance(sample.value) / double(organisms)), df = double(organisms - 1);
    const double wide = t_quantile(level, df) * error;
    if (wide > half) {
      half = wide;
      bounds.standard_error = error;
      bounds.df = df;
    }
  }
  bounds.low = bounds.value - half;
  bounds.high = bounds.value + half;
  return bounds;
}

Result::Ruling rule(const std::string& challenger, bool starved, std::span<const Rival> baselines, double margin) {
  if (baselines.empty()) fail("[rule] {} met no baseline", challenger);
  if (!(margin >= 0)) fail("[rule] margin: got {}, expected 0 or more", margin);
  const auto all = [&](auto holds) { return std::all_of(baselines.begin(), baselines.end(), holds); };
  const auto any = [&](auto holds) { return std::any_of(baselines.begin(), baselines.end(), holds); };
  const auto& against = *std::min_element(baselines.begin(), baselines.end(),
                                          [](const Rival& a, const Rival& b) { return a.difference.low < b.difference.low; });

  Result::Ruling ruling;
  ruling.challenger = challenger;
  ruling.against = against.name;
  ruling.interval = against.difference.estimate();
  ruling.beats = all([](const Rival& r) { return r.difference.low > 0; });
  ruling.competitive = all([&](const Rival& r) { return r.difference.low > -margin; });
  const bool loses = any([&](const Rival& r) { return r.difference.high < -margin; });
  const bool hungry = any([](const Rival& r) { return r.starved; });
  if (loses)
    ruling.label = starved ? Result::Label::inconclusive : Result::Label::loses;
  else if (ruling.competitive && !hungry)
    ruling.label = ruling.beats ? Result::Label::beats : Result::Label::competitive;
  return ruling;
}

}  // namespace fairfight
