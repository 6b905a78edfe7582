#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "fairfight/base/random.h"

namespace fairfight {

struct Interval {
  double value, low, high;
};

/// P(score of an anomaly > score of a clean item) + half the ties: the Mann-Whitney form of the area under the ROC curve.
double auroc(std::span<const double> clean, std::span<const double> anomalous);

/// The same over items that are drawn with these multiplicities: a bootstrap replicate without sorting again.
class WeightedAuroc {
 public:
  WeightedAuroc(std::span<const double> clean, std::span<const double> anomalous);
  double operator()(std::span<const uint32_t> clean_weights, std::span<const uint32_t> anomalous_weights) const;

 private:
  struct Item {
    uint32_t index;
    bool anomalous, ties_with_next;
  };
  std::vector<Item> order_;  // by score, ascending
};

/// How often each of n items is drawn in one bootstrap resample.
std::vector<uint32_t> resample_counts(size_t n, Random& random);

/// Percentile interval at `level` of the replicates around the estimate.
Interval percentile_interval(double estimate, std::vector<double> replicates, double level);

}  // namespace fairfight
