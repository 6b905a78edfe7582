#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "fairfight/base/random.h"
#include "fairfight/model/config.h"
#include "fairfight/model/linear.h"

namespace fairfight {

struct NormWeights {
  at::Tensor w, b;  // [d_model]
};
struct Block {
  NormWeights ln1, ln2;
  NormWeights ln1_post, ln2_post;  // of what attention and MLP add, where norms stand on both sides
  NormWeights q_norm, k_norm;      // [d_head], or [head * d_head] and [kv_head * d_head]
  Linear q, k, v;  // [head * d_head, d_model], [kv_head * d_head, d_model]
  Linear o;        // [d_model, head * d_head]
  Linear gate;     // [d_mlp, d_model], of a gated MLP
  Linear in;       // [d_mlp, d_model]
  Linear out;      // [d_model, d_mlp]
};
struct Weights {
  at::Tensor embed;      // [vocab, d_model]
  at::Tensor pos_embed;  // [n_ctx, d_model], learned positions only
  std::vector<Block> blocks;
  NormWeights ln_final;
  at::Tensor unembed;    // [vocab, d_model]; the same tensor as embed where they are tied. [1, d_model] of a scalar head
  at::Tensor unembed_b;  // [vocab], only where a norm's bias was folded into it (processed.h)

  /// Every distinct tensor, in a fixed order: what an optimiser moves.
  std::vector<at::Tensor> parameters() const;  // adapters are somebody else's
  std::vector<at::Tensor> counterparts(const Weights& other) const;  // of parameters(), in weights of the same config: undefined where these have none
  Weights clone() const;                       // no gradients, and adapters are part of the maps
};

/// Fresh weights: normal with std 1/sqrt(inputs), residual outputs scaled down by sqrt(2 n_layers) more (GPT-2), embeddings
/// 0.1 (less where they are scaled up), norms 1, biases 0.
Weights random_weights(const Config& config, Random random);

}  // namespace fairfight
