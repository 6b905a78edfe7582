#pragma once
#include <ATen/core/Tensor.h>

namespace fairfight {

/// Logistic regression of y in {0, 1} [n] on standardised x [n, d]: minimises the classes' balanced mean log loss + l2/2 ‖w‖²
/// (no penalty on the intercept) by Newton's method in float64, to a gradient below 1e-8.
class LogisticRegression {
 public:
  LogisticRegression(const at::Tensor& x, const at::Tensor& y, double l2);
  at::Tensor logits(const at::Tensor& x) const;  // [n, d] -> [n] float64

  at::Tensor coefficients() const;  // [d] on x as it is
  double intercept() const;         // logits = coefficients . x + intercept
  const at::Tensor& weights() const { return weights_; }  // [d + 1] on standardised x, the intercept last

 private:
  at::Tensor design(const at::Tensor& x) const;  // [n, d + 1]
  at::Tensor mean_, scale_, weights_;
};

}  // namespace fairfight
