#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "fairfight/base/progress.h"

namespace fairfight {

/// Simulated fights that go through the judge's own code, scores to label: what it claims against what is true.
///
/// An item's score by artifact p (a contestant with one of its dictionary seeds) is normal with variance 1: half of it common to
/// all contestants, 0.3 a contestant's own, 0.2 the artifact's own. Anomalies are shifted by a family's strength, by what the
/// organism does to everyone, by what it does to this contestant, and by the dictionary seed. With normal effects of total
/// variance σ² and strength μ the AUROC of the population is Φ(μ/√(2 + σ²)), so an effect is planted in AUROC exactly.
struct SimulatedWorld {
  std::string name;
  double organism = 0, interaction = 0, seed = 0;  // standard deviations; interaction: of a contestant with the organism
};

struct JudgeCalibration {
  enum class Demand { at_most,
                      at_least,
                      near,
                      none };
  struct Line {
    std::string world, quantity;
    double measured = 0, error = 0;  // a rate and its binomial standard error
    double expected = 0;             // the level, the limit or the power by theory
    Demand demand = Demand::none;
    double slack = 0;  // what the demand allows beyond `expected`
    bool passed() const;
  };
  std::vector<Line> lines;
  bool passed() const;
};

struct CalibrationPlan {
  size_t fights = 500;  // for every rate, and twice as many for power
  uint64_t seed = 0;
  double level = 0.95;
  double margin = 0.025;  // in AUROC: 5 % of the way from a coin to perfection
  size_t organisms = 3, dictionary_seeds = 3, items = 100, resamples = 200;
  std::vector<double> effects = {0.05, 0.1};  // planted, in AUROC
  std::vector<SimulatedWorld> worlds = {{"organisms do not differ", 0, 0, 0.1},
                                        {"they differ as much as items", 0.3, 0.15, 0.1},
                                        {"they differ far more", 0.5, 0.6, 0.1},
                                        {"unruly dictionary seeds", 0.3, 0.1, 0.5}};

  /// Three binomial standard errors of a rate at its limit: a plan checks dozens of them at once.
  double slack(double rate) const;
};

/// Variances of a mean difference in one organism.
struct Noise {
  double total = 0;  // within and between organisms: what S² of the judge's bounds estimates
  double items = 0;  // what the bootstrap's draws are expected to vary by
  double seeds = 0;  // ... and what part dictionary seeds bring
};

/// Of one challenger against one baseline that is weaker by `effect`, by integrals over the world's normal distributions.
Noise expected_noise(const CalibrationPlan& plan, const SimulatedWorld& world, double effect);

/// P(BEATS) against one baseline without simulating anything: the mean difference is normal, S² is chi-squared and independent
/// of it. First order: the noise within organisms stands at its expectation, which is far off only for a single organism with
/// unruly seeds.
double theoretical_power(double effect, const Noise& noise, size_t organisms, size_t dictionary_seeds, double level);

/// Rates of, in every world:
///   BEATS between equals, against 1 and against 5 baselines; at most 1 - level;
///   the same by the percentile bootstrap that draws organisms anew, for comparison: why it is not used;
///   COMPETITIVE of a challenger that is worse by the margin; at most 1 - level;
///   LOSES of such a challenger, and of equals, among 5 baselines; at most 1 - level; and, for comparison, how often equals are
///     behind any of the 5, which is why LOSES is said of the champion alone;
///   BEATS where effects are planted, within 5 points of the theory (more where so few fights cannot tell);
///   the true difference of equals within the interval of both bounds, at least 2·level - 1;
/// and of DeLong's interval over the AUROC it was made for. The same plan gives the same numbers on any number of threads.
JudgeCalibration calibrate_judge(const CalibrationPlan& plan, const Tick& tick = no_tick);

}  // namespace fairfight
