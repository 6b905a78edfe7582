#pragma once
#include "fairfight/model/torch.h"
#include "fairfight/model/transformer.h"

namespace fairfight {

/// A model that is quick to run through, for tests: two blocks of two heads of six dimensions, 20 words, 10 positions.
inline Config small_config() {
  Config c;
  c.vocab = 20;
  c.d_model = 12;
  c.n_layers = 2;
  c.n_heads = c.n_kv_heads = 2;
  c.d_head = 6;
  c.d_mlp = 16;
  c.n_ctx = 10;
  return c;
}

/// Between its blocks.
inline const Site kBetween = Site::parse("blocks.0.hook_resid_post");

inline at::Tensor normal(at::IntArrayRef shape, uint64_t seed) { return at::randn(shape, at::detail::createCPUGenerator(seed), at::kFloat); }
inline double gap(const at::Tensor& a, const at::Tensor& b) { return (a - b).abs().max().item<double>(); }

}  // namespace fairfight
