#pragma once
#include <ATen/core/Tensor.h>

namespace fairfight {

/// LEACE (Belrose et al. 2023, "LEACE: Perfect linear concept erasure in closed form", section 4): of all affine maps that
/// leave x no linear information about a concept z, the one that moves x least, r(x) = x - W⁺ P W (x - mean) with
/// W = (Σxx^½)⁺ and P the orthogonal projection onto the columns of W Σxz. The covariance behind it is Σxx - W⁺ P W⁺, so its
/// trace never grows, and the guard that some implementations put there has nothing to do.
struct Leace {
  at::Tensor mean;         // [d]
  at::Tensor left, right;  // [d, rank]: r(x) = x - left rightᵀ (x - mean)

  at::Tensor operator()(const at::Tensor& x) const;  // [n, d] -> [n, d] float64
};

/// x [n, d], z [n] or [n, k], of any types; float64 inside. `shrink`: Σxx is the optimal linear shrinkage of the sample covariance
/// towards the identity (Bodnar, Gupta & Parolya 2014, "On the strong convergence of the optimal linear shrinkage estimator
/// for large dimensional covariance matrix") and not that covariance itself; the erasure is exact either way.
/// Error: fewer than two rows, or not a label a row.
Leace leace(const at::Tensor& x, const at::Tensor& z, bool shrink = true);

}  // namespace fairfight
