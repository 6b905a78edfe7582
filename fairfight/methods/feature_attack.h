#pragma once
#include <ATen/core/Tensor.h>

#include <functional>

#include "fairfight/dict/dictionary.h"
#include "fairfight/methods/latent_attack.h"

namespace fairfight {

/// The same attack through a dictionary: x' = x + D (c' - c), where c >= 0 tells how far each signed feature fires (methods/signed_features.h), and c' >= 0 differs from it in at most `k`
/// features a position. The ball is one of the state, ‖D (c' - c)‖ <= radius: a dictionary's attacker may go no further than one without.
struct FeatureAttack {
  enum class Which { all,
                     firing,   // what fires is weighed anew
                     silent };  // what does not fire is added
  LatentAttack ball;
  int64_t k = 0;
  Which which = Which::all;
  bool both_signs = true;  // features of this kind fire below 0, too (a PCA axis); those of a sparse autoencoder do not, and their second half is left alone
};

/// What was changed. Where fewer than k features moved, the change of the rest is 0.
struct FeatureMove {
  at::Tensor delta;             // [docs, pos, d_model]: what the state moves by
  at::Tensor features, change;  // [docs, pos, k]: signed features, and by how much each moved
};

/// In each step the k features whose own move would lower the loss most (slope times length of the direction) go a share of the radius together; then c' is made whole again: no value
/// below 0, the k largest moves, back into the ball. `state` [docs, pos, d_model] is what the dictionary reads; `loss` and `mask` as for latent_attack.
FeatureMove feature_attack(const FeatureAttack& attack, const Dictionary& dictionary, const at::Tensor& state, const at::Tensor& mask, const std::function<at::Tensor(const at::Tensor& delta)>& loss);

}  // namespace fairfight
