#pragma once
#include <ATen/core/Tensor.h>

#include <vector>

#include "fairfight/base/random.h"

namespace fairfight {

/// Isolation forest (Liu, Ting & Zhou 2008): each tree cuts a subsample of the rows at random places until rows stand alone
/// or the depth reaches ⌈log₂ subsample⌉; a row that is cut off early is an anomaly.
class IsolationForest {
 public:
  /// x [n, d] float32; a subsample is at most n rows, without repetition.
  IsolationForest(const at::Tensor& x, int64_t trees, int64_t subsample, Random random);

  at::Tensor scores(const at::Tensor& x) const;  // [n, d] float32 -> [n] float64: 2^(-mean path / expected path), in (0, 1]

 private:
  struct Node {
    float cut;        // rows with x[feature] <= cut go left
    int32_t feature;  // -1: a leaf
    int32_t left;     // the right child lies after it
    double path;      // of a leaf: its depth and the expected depth below it
  };
  void grow(const at::Tensor& x, std::vector<int64_t>& rows, int64_t depth, Random& random);

  std::vector<std::vector<Node>> trees_;
  double expected_;
};

}  // namespace fairfight
