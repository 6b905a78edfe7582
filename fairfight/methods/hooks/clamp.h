#pragma once
#include <memory>

#include "fairfight/dict/dictionary.h"
#include "fairfight/model/patch.h"

namespace fairfight {

/// Sets features of a dictionary to values and keeps the error term: x' = x + D(f' - f), at every token but the first, which is a
/// sink (FIGHTS.md T1.2).
struct ClampSettings {
  Site site;
  at::Tensor features;   // [n] half-axes (methods/half_axes.h)
  at::Tensor value;      // [n]: what f becomes; 0 ablates, a negative one pushes the other way
  at::Tensor threshold;  // [n] >= 0: it acts where f exceeds it; 0: wherever the feature fires
  /// DSG (Muhamed et al. 2025): where any of the features fires, all of them are set, if they have fired in more than this
  /// share of the document's tokens so far. Negative: each by itself, no share asked.
  double sequence_share = -1;
};
std::shared_ptr<const Hook> clamp(std::shared_ptr<const Dictionary> dictionary, ClampSettings settings);

}  // namespace fairfight
