#include "fairfight/base/statistics.h"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <numeric>
#include <string_view>

#include "fairfight/base/error.h"
#include "fairfight/base/not_finite.h"

namespace fairfight {
namespace {

/// Refuses what has no ROC curve.
void require_scores(std::span<const double> clean, std::span<const double> anomalous, std::string_view where, size_t least = 1) {
  if (clean.size() < least || anomalous.size() < least)
    fail("[{}] got {} clean and {} anomalous scores, expected at least {} of both", where, clean.size(), anomalous.size(), least);
  for (auto scores : {clean, anomalous})
    for (double s : scores)
      if (std::isnan(s)) throw NotFinite(fmt::format("[{}] a score is not a number", where));
}

void require_share(double x, std::string_view where, std::string_view what) {
  if (!(x >= 0 && x <= 1)) fail("[{}] {}: got {}, expected a share between 0 and 1", where, what, x);
}

/// The share of the `others` that lie below each item, ties half.
std::vector<double> placements(std::span<const double> items, std::span<const double> others) {
  std::vector<double> sorted(others.begin(), others.end());
  std::sort(sorted.begin(), sorted.end());
  std::vector<double> shares;
  shares.reserve(items.size());
  for (double x : items) {
    const auto [low, high] = std::equal_range(sorted.begin(), sorted.end(), x);
    shares.push_back(double((low - sorted.begin()) + (high - sorted.begin())) / 2 / double(others.size()));
  }
  return shares;
}

/// Its placements say all about an AUROC.
Uncertain from_placements(std::span<const double> of_anomalous, std::span<const double> of_clean) {
  return {mean(of_anomalous), variance(of_anomalous) / double(of_anomalous.size()) + variance(of_clean) / double(of_clean.size())};
}

/// Walks the thresholds from +∞ down: visit(true positives, false positives).
template <class Visit>
void walk_thresholds(std::span<const double> clean, std::span<const double> anomalous, Visit visit) {
  std::vector<double> c(clean.begin(), clean.end()), a(anomalous.begin(), anomalous.end());
  std::sort(c.begin(), c.end(), std::greater<>());
  std::sort(a.begin(), a.end(), std::greater<>());
  size_t fp = 0, tp = 0;
  visit(tp, fp);
  while (fp < c.size() || tp < a.size()) {
    const double threshold = fp == c.size() ? a[tp] : tp == a.size() ? c[fp]
                                                                     : std::max(a[tp], c[fp]);
    while (tp < a.size() && a[tp] == threshold) ++tp;
    while (fp < c.size() && c[fp] == threshold) ++fp;
    visit(tp, fp);
  }
}

}  // namespace

namespace {

/// Of Σ numerator / Σ denominator, by the residuals of the items.
Uncertain ratio_of_sums(const std::vector<double>& numerator, std::span<const double> denominator) {
  const double below = std::accumulate(denominator.begin(), denominator.end(), 0.0), value = std::accumulate(numerator.begin(), numerator.end(), 0.0) / below;
  std::vector<double> residuals;
  for (size_t i = 0; i < numerator.size(); ++i) residuals.push_back(numerator[i] - value * denominator[i]);
  return {value, variance(residuals) * double(residuals.size()) / (below * below)};
}

}  // namespace

Uncertain mean_difference(std::span<const double> a, std::span<const double> b, std::span<const double> weights) {
  std::vector<double> difference;
  for (size_t i = 0; i < a.size(); ++i) difference.push_back(a[i] - b[i]);
  return ratio_of_sums(difference, weights);
}

Uncertain ratio(std::span<const double> a, std::span<const double> b) { return ratio_of_sums({a.begin(), a.end()}, b); }

double auroc(std::span<const double> clean, std::span<const double> anomalous) {
  require_scores(clean, anomalous, "auroc");
  std::vector<double> sorted(clean.begin(), clean.end());
  std::sort(sorted.begin(), sorted.end());
  double pairs = 0;  // whole and half ones: exact in any order
  for (const double a : anomalous) {
    const auto [low, high] = std::equal_range(sorted.begin(), sorted.end(), a);
    pairs += double((low - sorted.begin()) + (high - sorted.begin())) / 2;
  }
  return pairs / (double(clean.size()) * double(anomalous.size()));
}

double slope(std::span<const double> x, std::span<const double> y) {
  if (x.size() != y.size()) fail("[slope] got {} values of x and {} of y, expected as many", x.size(), y.size());
  if (x.size() < 2) return 0;
  const double mx = mean(x), my = mean(y);
  double xy = 0, xx = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    xy += (x[i] - mx) * (y[i] - my);
    xx += (x[i] - mx) * (x[i] - mx);
  }
  if (xx == 0) fail("[slope] all {} values of x are {}", x.size(), x[0]);
  return xy / xx;
}

Interval percentile_interval(double estimate, std::vector<double> replicates, double level) {
  if (replicates.empty()) fail("[percentile_interval] got no replicates");
  std::sort(replicates.begin(), replicates.end());
  const auto at = [&](double q) {
    const double position = q * double(replicates.size() - 1);
    const auto below = size_t(position);
    const size_t above = std::min(below + 1, replicates.size() - 1);
    return replicates[below] + (position - double(below)) * (replicates[above] - replicates[below]);
  };
  return {estimate, at((1 - level) / 2), at((1 + level) / 2)};
}

double mean(std::span<const double> x) {
  if (x.empty()) fail("[mean] got no numbers");
  double sum = 0;
  for (double v : x) sum += v;
  return sum / double(x.size());
}

double variance(std::span<const double> x) {
  const double center = mean(x);
  double sum = 0;
  for (double v : x) sum += (v - center) * (v - center);
  return x.size() > 1 ? sum / double(x.size() - 1) : 0;
}

Uncertain delong(std::span<const double> clean, std::span<const double> anomalous) {
  require_scores(clean, anomalous, "delong", 2);
  return from_placements(placements(anomalous, clean), placements(clean, anomalous));
}

Interval normal_interval(const Uncertain& x, double level) {
  if (!(level > 0 && level < 1)) fail("[normal_interval] level: got {}, expected between 0 and 1", level);
  const double half = boost::math::quantile(boost::math::normal(), (1 + level) / 2) * std::sqrt(x.variance);
  return {x.value, x.value - half, x.value + half};
}

double tpr_at_fpr(std::span<const double> clean, std::span<const double> anomalous, double fpr) {
  require_scores(clean, anomalous, "tpr_at_fpr");
  require_share(fpr, "tpr_at_fpr", "fpr");
  double best = 0;
  walk_thresholds(clean, anomalous, [&](size_t tp, size_t fp) {
    if (double(fp) / double(clean.size()) <= fpr) best = double(tp) / double(anomalous.size());
  });
  return best;
}

double fpr_at_tpr(std::span<const double> clean, std::span<const double> anomalous, double tpr) {
  require_scores(clean, anomalous, "fpr_at_tpr");
  require_share(tpr, "fpr_at_tpr", "tpr");
  double least = 1;
  walk_thresholds(clean, anomalous, [&](size_t tp, size_t fp) {
    if (double(tp) / double(anomalous.size()) >= tpr) least = std::min(least, double(fp) / double(clean.size()));
  });
  return least;
}

std::vector<double> conformal_p(std::span<const double> calibration, std::span<const double> scores) {
  require_scores(calibration, scores, "conformal");
  std::vector<double> sorted(calibration.begin(), calibration.end()), p;
  std::sort(sorted.begin(), sorted.end());
  p.reserve(scores.size());
  for (double s : scores) {
    const auto reaching = sorted.end() - std::lower_bound(sorted.begin(), sorted.end(), s);
    p.push_back(double(1 + reaching) / double(sorted.size() + 1));
  }
  return p;
}

double conformal_flag_rate(std::span<const double> calibration, std::span<const double> scores, double alpha) {
  require_share(alpha, "conformal", "alpha");
  const auto p = conformal_p(calibration, scores);
  return double(std::count_if(p.begin(), p.end(), [&](double x) { return x <= alpha; })) / double(p.size());
}

std::vector<double> expected_maximum(std::span<const double> values) {
  std::vector<double> sorted(values.begin(), values.end()), expected;
  std::sort(sorted.begin(), sorted.end());
  const size_t all = sorted.size();
  for (size_t n = 1; n <= all; ++n) {
    double sum = 0, share = double(n) / double(all);  // of the draws whose best is the i-th, C(i - 1, n - 1) / C(all, n): from the last one down
    for (size_t i = all; i >= n; --i) {
      sum += share * sorted[i - 1];
      if (i > 1) share *= double(i - n) / double(i - 1);
    }
    expected.push_back(sum);
  }
  return expected;
}

}  // namespace fairfight
