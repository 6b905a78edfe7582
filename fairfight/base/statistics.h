#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace fairfight {

struct Interval {
  double value, low, high;
};

double mean(std::span<const double> x);

/// Unbiased (n - 1 in the denominator); 0 for a single number.
double variance(std::span<const double> x);

/// P(score of an anomaly > score of a clean item) + half the ties: the Mann-Whitney form of the area under the ROC curve.
double auroc(std::span<const double> clean, std::span<const double> anomalous);

struct Uncertain {
  double value, variance;
};

/// Of paired items: (Σ a - Σ b) / Σ weight, and Σ a / Σ b, with the variances of ratio estimators over the items. With fewer than two items the variance is 0.
Uncertain mean_difference(std::span<const double> a, std::span<const double> b, std::span<const double> weights);
Uncertain ratio(std::span<const double> a, std::span<const double> b);

/// AUROC with DeLong's variance (1988), from placements by midranks in O(n log n) (Sun & Xu 2014): with V the placement of
/// each anomaly among the clean items and W that of each clean item among the anomalies, var V / #anomalies + var W / #clean.
Uncertain delong(std::span<const double> clean, std::span<const double> anomalous);

/// value ± z·√variance, two-sided at `level`.
Interval normal_interval(const Uncertain& x, double level);

/// An item is flagged if its score reaches a threshold; every score and +∞ may be the threshold, and nothing is interpolated.
/// The largest true positive rate among the thresholds whose false positive rate is at most `fpr`.
double tpr_at_fpr(std::span<const double> clean, std::span<const double> anomalous, double fpr);
/// The smallest false positive rate among the thresholds whose true positive rate is at least `tpr`.
double fpr_at_tpr(std::span<const double> clean, std::span<const double> anomalous, double tpr);

/// Split conformal p-values: (1 + calibration scores that reach the item's) / (calibration scores + 1). For an item
/// exchangeable with the calibration items P(p <= α) <= α, whatever the score is.
std::vector<double> conformal_p(std::span<const double> calibration, std::span<const double> scores);

/// The share of the items with p <= alpha: the realised FPR if they are clean, the TPR if they are anomalies.
double conformal_flag_rate(std::span<const double> calibration, std::span<const double> scores, double alpha);

/// For n = 1 .. T the mean over all choices of n of these T values of the best of them: what n trials of tuning find in the mean. (Dodge et al. 2019 draw with replacement,
/// which says too little of what the last trials brought.)
std::vector<double> expected_maximum(std::span<const double> values);

/// Of y over x by least squares; 0 for fewer than two points. Error: all x alike.
double slope(std::span<const double> x, std::span<const double> y);

/// Percentile interval at `level` of the replicates around the estimate.
Interval percentile_interval(double estimate, std::vector<double> replicates, double level);

}  // namespace fairfight
