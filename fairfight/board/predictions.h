#pragma once
#include <string_view>
#include <vector>

namespace fairfight {

/// One event of a list, in our words, with the probability that the essay gave it.
struct Prediction {
  std::string_view id;  // "T3"
  double probability;
  std::string_view claim;
  std::string_view baselines;  // which the essay names; empty: none
};

/// What S. Casper predicted of one paper that was still to come.
struct PredictionList {
  std::string_view name;  // "2024-10"
  std::string_view title, about;
  std::vector<Prediction> predictions;
  const Prediction& prediction(std::string_view id) const;  // error: an unknown one, with those that there are
  std::vector<double> probabilities() const;
};

/// The ten of May 2024 and the eight of October 2024, which fights are about.
const std::vector<PredictionList>& prediction_lists();
const PredictionList& prediction_list(std::string_view name);  // error: an unknown one
const PredictionList& fought_list();                           // the eight

/// What the essay names as the best that mechanistic interpretability has to show, and the tier that it gives it.
struct NamedSystem {
  std::string_view id;  // "S1"
  std::string_view title, does, tier;
};
const std::vector<NamedSystem>& named_systems();

/// Error unless a fight may be about it: one of the eight, or a named system; empty: about none of them.
void require_known(std::string_view prediction);

}  // namespace fairfight
