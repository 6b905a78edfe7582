#pragma once
#include <ATen/core/Tensor.h>

#include "fairfight/dict/dictionary.h"

namespace fairfight {

/// A dictionary's features where each stands for one thing: a feature whose codes have both signs (a PCA axis, a neuron of the
/// residual stream) is two signed features, j for f_j > 0 and width + j for f_j < 0. A sparse autoencoder's codes are never negative,
/// so there the second half is silent. Interventions that act "where the feature fires" then mean the same for every basis.
struct SignedFeatures {
  static constexpr int64_t kHalves = 2;

  /// How far each chosen signed feature fires in each row, never negative: [rows, n]. `features` [n] int64 in [0, 2 width).
  static at::Tensor fired(const Codes& codes, const at::Tensor& features);

  /// The directions of the chosen signed features: [n, d_model].
  static at::Tensor directions(const Dictionary& dictionary, const at::Tensor& features);
};

/// What the signed features did over some rows, in float64.
class FiringCounter {
 public:
  explicit FiringCounter(int64_t width);
  void add(const Codes& codes);

  at::Tensor frequency() const;    // [2 width]: share of the rows where it fires
  at::Tensor mean() const;         // [2 width]: E f
  at::Tensor mean_square() const;  // [2 width]: E f²
  const at::Tensor& largest() const { return largest_; }  // [2 width]: max f
  int64_t rows() const { return rows_; }

 private:
  at::Tensor count_, sum_, square_, largest_;
  int64_t rows_ = 0;
};

}  // namespace fairfight
