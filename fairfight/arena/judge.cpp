#include "fairfight/arena/judge.h"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>

#include "fairfight/base/error.h"
#include "fairfight/base/statistics.h"

namespace fairfight {
namespace {

}  // namespace

double t_quantile(double level, size_t df) { return boost::math::quantile(boost::math::students_t(double(df)), level); }

Bounds bounds(const Sample& sample, double level) {
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
  if (organisms > 1) {
    const double error = std::sqrt(variance(sample.value) / double(organisms)), t = t_quantile(level, organisms - 1);
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

Result::Ruling rule(const std::string& challenger, bool under_tuned, std::span<const Rival> baselines, size_t champion, double margin) {
  if (champion >= baselines.size()) fail("[rule] {} met {} baselines, of which number {} cannot be the champion", challenger, baselines.size(), champion);
  if (!(margin >= 0)) fail("[rule] margin: got {}, expected 0 or more", margin);
  const auto all = [&](auto holds) { return std::all_of(baselines.begin(), baselines.end(), holds); };
  const bool loses = baselines[champion].difference.high < -margin;
  const bool weakened = !all([](const Rival& r) { return !r.under_tuned; });
  const Rival& closest = *std::min_element(baselines.begin(), baselines.end(),
                                           [](const Rival& a, const Rival& b) { return a.difference.low < b.difference.low; });
  const Rival& against = loses ? baselines[champion] : closest;

  Result::Ruling ruling;
  ruling.challenger = challenger;
  ruling.against = against.name;
  ruling.interval = against.difference.estimate();
  ruling.beats = all([](const Rival& r) { return r.difference.low > 0; });
  ruling.competitive = all([&](const Rival& r) { return r.difference.low > -margin; });
  if (loses)
    ruling.label = under_tuned ? Result::Label::inconclusive : Result::Label::loses;
  else if (ruling.competitive && !weakened)
    ruling.label = ruling.beats ? Result::Label::beats : Result::Label::competitive;
  return ruling;
}

}  // namespace fairfight
