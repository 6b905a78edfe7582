#pragma once
#include <ATen/core/Tensor.h>

namespace fairfight {

/// One-class support vector machine (Schölkopf et al. 2001) with the kernel exp(-gamma |a - b|²): at most a share nu of the
/// rows lies outside, at least a share nu carries it. Solved by sequential minimal optimisation with the second-order choice
/// of pairs (Fan, Chen & Lin 2005) until no pair of gradients differs by more than `precision`. Keeps all n² kernel values.
class OneClassSvm {
 public:
  OneClassSvm(const at::Tensor& x, double nu, double gamma, double precision = 1e-7);  // x [n, d]

  at::Tensor decision(const at::Tensor& x) const;  // [n, d] -> [n] float64: positive inside
  int64_t support() const { return weights_.size(0); }

 private:
  at::Tensor kernel(const at::Tensor& a, const at::Tensor& b) const;

  double gamma_, offset_ = 0;
  at::Tensor mean_, vectors_, weights_;  // [d], [s, d], [s]: float64
};

}  // namespace fairfight
