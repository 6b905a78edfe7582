#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace fairfight {

/// Rows of a bank that lie nearest to some rows: their places in the bank and their Euclidean distances, ascending.
struct Neighbours {
  at::Tensor index;     // [n, k] int32
  at::Tensor distance;  // [n, k] float64
};

/// Exact nearest neighbours in a bank: chosen by float32 products of matrices, then measured in float64, so that a distance
/// is good to the last digits of the rows even where rows lie close together.
class NeighbourBank {
 public:
  explicit NeighbourBank(const at::Tensor& bank);  // [m, d] float32

  Neighbours nearest(const at::Tensor& x, int64_t k) const;  // [n, d] float32; error unless 1 <= k <= m
  Neighbours of_itself(int64_t k) const;                     // of the bank's rows, each without itself: n = m, k < m

 private:
  Neighbours search(const at::Tensor& x, int64_t k, bool skip_own) const;

  at::Tensor mean_, bank_, offset_;  // [d]; [m, d], without its mean; [m], -|row|²/2
};

}  // namespace fairfight
