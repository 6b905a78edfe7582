#include "fairfight/arena/statistics.h"

#include <algorithm>
#include <cmath>

#include "fairfight/base/error.h"

namespace fairfight {

WeightedAuroc::WeightedAuroc(std::span<const double> clean, std::span<const double> anomalous) {
  if (clean.empty() || anomalous.empty()) fail("[auroc] got {} clean and {} anomalous scores, expected some of both", clean.size(), anomalous.size());
  for (uint32_t i = 0; i < clean.size(); ++i) order_.push_back({i, false, false});
  for (uint32_t i = 0; i < anomalous.size(); ++i) order_.push_back({i, true, false});
  const auto score = [&](const Item& item) { return item.anomalous ? anomalous[item.index] : clean[item.index]; };
  for (const auto& item : order_)
    if (std::isnan(score(item))) fail("[auroc] a score is not a number");
  std::stable_sort(order_.begin(), order_.end(), [&](const Item& a, const Item& b) { return score(a) < score(b); });
  for (size_t i = 0; i + 1 < order_.size(); ++i) order_[i].ties_with_next = score(order_[i]) == score(order_[i + 1]);
}

double WeightedAuroc::operator()(std::span<const uint32_t> clean_weights, std::span<const uint32_t> anomalous_weights) const {
  double below = 0, pairs = 0, clean_total = 0, anomalous_total = 0, tied_clean = 0, tied_anomalous = 0;
  for (const auto& item : order_) {
    if (item.anomalous)
      tied_anomalous += anomalous_weights[item.index];
    else
      tied_clean += clean_weights[item.index];
    if (item.ties_with_next) continue;
    pairs += tied_anomalous * (below + tied_clean / 2);
    below += tied_clean;
    clean_total += tied_clean;
    anomalous_total += tied_anomalous;
    tied_clean = tied_anomalous = 0;
  }
  return pairs / (clean_total * anomalous_total);
}

double auroc(std::span<const double> clean, std::span<const double> anomalous) {
  const std::vector<uint32_t> once(std::max(clean.size(), anomalous.size()), 1);
  return WeightedAuroc(clean, anomalous)(std::span(once).first(clean.size()), std::span(once).first(anomalous.size()));
}

std::vector<uint32_t> resample_counts(size_t n, Random& random) {
  std::vector<uint32_t> counts(n, 0);
  for (size_t i = 0; i < n; ++i) ++counts[random.below(n)];
  return counts;
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

}  // namespace fairfight
