#pragma once
#include "fairfight/model/transformer.h"

namespace fairfight {

/// Changes of the weights that leave every log-probability as it is. Everything here works on raw weights; a dictionary that
/// was learned on activations of a processed model (TransformerLens' default) needs the same done to the model.
struct Processing {
  bool fold_norms = false;              // gains and biases of ln1, ln2 and ln_final go into the maps that read them
  bool center_writing_weights = false;  // nothing is written along the all-ones direction, which a LayerNorm takes away anyway
};

/// Errors: norms that stand after attention and MLP alone cannot be folded, and only LayerNorm does not see the mean.
Transformer processed(const Transformer& model, Processing processing);

}  // namespace fairfight
