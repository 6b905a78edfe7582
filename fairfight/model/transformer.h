#pragma once
#include <ATen/core/Tensor.h>

#include "fairfight/model/config.h"
#include "fairfight/model/kernels.h"
#include "fairfight/model/taps.h"
#include "fairfight/model/weights.h"

namespace fairfight {

/// A decoder-only transformer of any of the shapes in Config.
class Transformer {
 public:
  Transformer(Config config, Weights weights);

  /// [batch, pos] int64 -> [batch, pos, vocab] float32.
  at::Tensor logits(const at::Tensor& tokens, const Taps& taps = {}) const;

  /// Runs until the last site that `taps` reads, and no further.
  void observe(const at::Tensor& tokens, const Taps& taps) const;

  /// Just one site: [batch, pos] -> the activations there; the pass stops behind it.
  at::Tensor at(const Site& site, const at::Tensor& tokens) const;

  const Config& config() const { return config_; }
  const Weights& weights() const { return weights_; }
  void set_products(Products products) { products_ = products; }  // weights in bfloat16 are multiplied in it anyway

 private:
  Config config_;
  Weights weights_;
  Products products_ = Products::float32;
};

}  // namespace fairfight
