#pragma once
#include <string_view>

#include "fairfight/model/transformer.h"
#include "fairfight/organism/tinytown/world.h"

namespace fairfight::tinytown {

/// In an organism's form, but soon made, and it has learned nothing.
inline Transformer untrained_model(std::string_view stream) {
  Config c;
  c.arch = "qwen3";
  c.vocab = int64_t(vocabulary().size());
  c.d_model = 16;
  c.n_layers = 1;
  c.n_heads = c.n_kv_heads = 2;
  c.d_head = 8;
  c.d_mlp = 24;
  c.n_ctx = int64_t(kLongest);
  c.qk_norm = Config::QkNorm::per_head;
  return Transformer(c, random_weights(c, Random(0, stream)));
}

}  // namespace fairfight::tinytown
