#include "fairfight/board/scoring.h"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/quadrature/gauss_kronrod.hpp>
#include <cmath>
#include <numeric>

#include "fairfight/base/error.h"

namespace fairfight {
namespace {

/// Of a sum of independent events, each with its own probability: how likely is each count?
std::vector<double> count_distribution(std::span<const double> probabilities) {
  std::vector<double> of_count{1};
  for (const double p : probabilities) {
    of_count.push_back(0);
    for (size_t k = of_count.size(); k-- > 0;) of_count[k] = of_count[k] * (1 - p) + (k > 0 ? of_count[k - 1] * p : 0);
  }
  return of_count;
}

std::vector<double> dependent_counts(std::span<const double> probabilities, double rho) {
  if (rho == 0) return count_distribution(probabilities);
  const boost::math::normal normal;
  std::vector<double> thresholds;
  for (const double p : probabilities) thresholds.push_back(quantile(normal, p));
  const auto given = [&](double common) {
    std::vector<double> p;
    for (const double t : thresholds) p.push_back(cdf(normal, (t - std::sqrt(rho) * common) / std::sqrt(1 - rho)));
    return count_distribution(p);
  };
  std::vector<double> of_count(probabilities.size() + 1);
  for (size_t k = 0; k < of_count.size(); ++k)
    of_count[k] = boost::math::quadrature::gauss_kronrod<double, 61>::integrate([&](double m) { return pdf(normal, m) * given(m)[k]; }, -9.0, 9.0, 8, 1e-10);
  return of_count;
}

}  // namespace

Scoring scoring_of(std::span<const double> probabilities, std::span<const int> came) {
  if (probabilities.empty() || probabilities.size() != came.size()) fail("[scoring] got {} outcomes of {} predictions", came.size(), probabilities.size());
  Scoring s{};
  double spread = 0;
  for (size_t i = 0; i < came.size(); ++i) {
    const double p = probabilities[i], o = came[i];
    s.score += o - p;
    spread += p * (1 - p);
    s.brier += (p - o) * (p - o);
    s.log_loss -= std::log(came[i] ? p : 1 - p);
  }
  s.sd = std::sqrt(spread);
  s.z = s.score / s.sd;
  s.brier /= double(came.size());
  s.log_loss /= double(came.size());
  return s;
}

Dependence dependence_of(std::span<const double> probabilities, double rho) {
  if (probabilities.empty() || rho < 0 || rho >= 1) fail("[dependence] got {} predictions and rho {}, expected some and 0 to 1", probabilities.size(), rho);
  constexpr double kTail = 0.05;
  const auto of_count = dependent_counts(probabilities, rho);
  const double expected = std::accumulate(probabilities.begin(), probabilities.end(), 0.0);
  Dependence d{rho, 0, 0, 0};
  double below = 0, above = 0, variance = 0;
  size_t low = 0, high = of_count.size() - 1;
  while ((below += of_count[low]) <= kTail) ++low;
  while ((above += of_count[high]) <= kTail) --high;
  for (size_t k = 0; k < of_count.size(); ++k) variance += of_count[k] * (double(k) - expected) * (double(k) - expected);
  d.sd = std::sqrt(variance);
  d.low = double(low) - expected;
  d.high = double(high) - expected;
  return d;
}

std::vector<bool> holm(std::span<const double> p, double level) {
  std::vector<size_t> order(p.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return p[a] < p[b]; });
  std::vector<bool> rejected(p.size(), false);
  for (size_t k = 0; k < order.size() && p[order[k]] <= level / double(p.size() - k); ++k) rejected[order[k]] = true;
  return rejected;
}

}  // namespace fairfight
