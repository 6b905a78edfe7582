#include "fairfight/arena/judge.h"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>

#include "fairfight/base/error.h"
#include "fairfight/base/statistics.h"

namespace fairfight {
namespace {

constexpr double kOfSkewed = 0.8;  // of the error that is claimed: see bounds()

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
    const double error = std::sqrt(variance(sample.value) / double(organisms)), t = t_quantile(1 - kOfSkewed * (1 - level), organisms - 1);
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

Result::Ruling rule(const Bounds& difference, double margin, Tuned tuned) {
  if (!(margin >= 0)) fail("[rule] margin: got {}, expected 0 or more", margin);
  Result::Ruling ruling;
  ruling.interval = difference.estimate();
  ruling.beats = difference.low > 0;
  ruling.competitive = difference.low > -margin;
  if (difference.high < -margin && tuned.challengers)
    ruling.label = Result::Label::loses;
  else if (ruling.competitive && tuned.baselines)
    ruling.label = ruling.beats ? Result::Label::beats : Result::Label::competitive;
  return ruling;
}

}  // namespace fairfight
