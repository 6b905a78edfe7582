#pragma once
#include <ATen/core/Tensor.h>

namespace fairfight {

/// How far out in each column's empirical distribution a value lies. The row that is scored counts as one more of the n
/// fitted: no value has probability 0, and a row's score depends on no other row that is scored with it.
class EmpiricalTails {
 public:
  explicit EmpiricalTails(const at::Tensor& x);  // [n, d] float32

  struct Surprise {
    at::Tensor left, right;  // [n, d] float64: -log P(X <= x), -log P(X >= x)
  };
  Surprise surprise(const at::Tensor& x) const;  // [n, d] float32

  const at::Tensor& skew() const { return skew_; }  // [d] float64: the sign of the third central moment, -1, 0 or 1

 private:
  at::Tensor sorted_, skew_;  // [d, n], each column ascending
};

}  // namespace fairfight
