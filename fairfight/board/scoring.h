#pragma once
#include <span>
#include <vector>

namespace fairfight {

/// How a list of probabilities did, once every event has happened or not. `came`: 1 or 0 for each; error: not as many, or none.
struct Scoring {
  double score;     // Σ (1 - p) over what came, Σ -p over what did not: the essay's
  double sd, z;     // of the score if the probabilities are right and the events independent; score / sd
  double brier;     // mean (p - o)²
  double log_loss;  // mean -log p of what happened, nats
};
Scoring scoring_of(std::span<const double> probabilities, std::span<const int> came);

/// The score's distribution if the probabilities are right and the events hang together by a Gaussian copula: event i comes where
/// √rho m + √(1 - rho) e_i < Φ⁻¹(p_i), with m and all e_i standard normal and independent. rho in [0, 1).
struct Dependence {
  double rho, sd;
  double low, high;  // the smallest band of scores that leaves out at most 5 % on either side
};
Dependence dependence_of(std::span<const double> probabilities, double rho);

/// One-sided p-values in their order -> which hypotheses are rejected with a chance of at most `level` of one false rejection or more (Holm 1979).
std::vector<bool> holm(std::span<const double> p, double level);

}  // namespace fairfight
