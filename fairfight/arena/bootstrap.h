#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "fairfight/arena/metric.h"

namespace fairfight {

/// A quantity that was measured in every organism, and what it became when the organism's items and dictionary seeds were
/// drawn anew.
struct Sample {
  std::vector<double> value;               // [organism]
  std::vector<std::vector<double>> draws;  // [organism][resample]
  std::vector<double> seed_variance;       // [organism]: the part of the value's variance that its dictionary seeds bring
  size_t dictionary_seeds = 1;             // that the value is a mean over
};

/// A weighted sum of quantities that were measured in the same organisms and drawn with the same numbers.
Sample weighted_sum(std::span<const double> weights, std::span<const Sample> samples);

/// Limits on side effects that count on the test: who breaks one has no skill, in the value and in each resample, in which the errors of all limits are drawn anew: of each run
/// by themselves, as if no two were measured on the same texts, which can only make a difference look less certain. What several contestants put forward of one run shares them.
struct Limits {
  struct Of {
    std::vector<double> slack{};  // [limit]: standard errors that are left to it; empty: there are none
    const void* run = nullptr;    // whose they are
  };
  std::vector<std::vector<std::vector<Of>>> of{};  // [contestant][organism][dictionary seed]
  double no_skill = 0;
};

/// What every family's scores come to, with resamples of the noise inside of an organism: the items of each group
/// are drawn anew, and of n dictionary seeds n - 1 with replacement, so that the variance of a mean over n seeds comes out
/// unbiased and not (n - 1)/n of it (Rao & Wu 1988). The draws are the same for every contestant: differences are paired by
/// item and by seed. Organisms are not drawn anew: three are too few to, and bounds() in arena/judge.h knows better.
/// By the metric's form it is the AUROC of a family against the clean items, or the family's mean score.
/// Seeds meet the same items, so the items' part of a single seed's noise is counted in both draws: a little too wide.
class ScoreBootstrap {
 public:
  static constexpr size_t kMean = SIZE_MAX;  // in place of a family: the mean over them

  /// Error for contestants that were not scored on the same items, or differ in their numbers of seeds other than 1.
  /// The draws follow from `master` alone: not from the contestants, nor from the number of threads.
  ScoreBootstrap(Metric::Form form, std::span<const ScoreGrid> contestants, size_t resamples, uint64_t master, const Limits& limits = {});

  const std::vector<std::string>& families() const { return families_; }
  size_t organisms() const { return organisms_; }

  /// On the items as they are: [family].
  const std::vector<double>& value(size_t contestant, size_t organism, size_t dictionary_seed) const;

  /// A mean over the dictionary seeds; indices of contestants as given.
  Sample score(size_t contestant, size_t family = kMean) const;
  Sample difference(size_t a, size_t b, size_t family = kMean) const;  // a - b

 private:
  double pick(const double* row, size_t family) const;
  std::vector<double> by_seed(size_t contestant, size_t organism, size_t family) const;
  Sample sample(size_t a, const size_t* b, size_t family) const;

  size_t organisms_ = 0, resamples_;
  bool against_clean_;
  std::vector<std::string> families_;
  std::vector<std::vector<std::vector<std::vector<double>>>> values_;  // [contestant][organism][dictionary seed][family]
  std::vector<std::vector<std::vector<double>>> draws_;                // [contestant][organism][resample, family]
};

}  // namespace fairfight
