#pragma once
#include <ATen/core/Tensor.h>

namespace fairfight {

/// Mean and shrunk covariance of rows x [n, d], in float64: (1 - s) S + s tr(S)/d I with the s that minimises the expected
/// squared error (Ledoit & Wolf 2004, "A well-conditioned estimator for large-dimensional covariance matrices", section 3.2).
struct LedoitWolf {
  at::Tensor mean;        // [d]
  at::Tensor covariance;  // [d, d]
  double shrinkage;       // s in [0, 1]
};
LedoitWolf ledoit_wolf(const at::Tensor& x);

/// (x - mean)ᵀ covariance⁻¹ (x - mean) for each row, by a Cholesky factor. x [n, d] -> [n] float64.
class Mahalanobis {
 public:
  explicit Mahalanobis(const LedoitWolf& fit);
  at::Tensor distances(const at::Tensor& x) const;
  const at::Tensor& mean() const { return mean_; }
  at::Tensor root() const;  // [d, d]: distances are ‖root (x - mean)‖²

 private:
  at::Tensor mean_, factor_;
};

/// The leading `components` eigenvectors of the covariance of x [n, d], orthonormal rows [components, d] in float64, with the
/// mean and all d eigenvalues, the largest first.
struct PrincipalAxes {
  at::Tensor mean, axes;
  at::Tensor variances;  // [d], of the covariance with divisor n - 1
};
PrincipalAxes principal_axes(const at::Tensor& x, int64_t components);

}  // namespace fairfight
