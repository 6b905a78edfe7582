#pragma once
#include <ATen/core/Tensor.h>

namespace fairfight {

/// A mixture of k normal distributions with diagonal covariances, in float64.
struct Mixture {
  at::Tensor weights;           // [k], sum 1
  at::Tensor means, variances;  // [k, d]

  at::Tensor log_density(const at::Tensor& x) const;       // [n, d] -> [n], nats
  at::Tensor responsibilities(const at::Tensor& x) const;  // -> [n, k], rows of sum 1
};

/// Expectation-maximisation (Dempster, Laird & Rubin 1977): steps until the mean log density of a row grows by less than
/// `tolerance`. `floor` is added to every variance.
struct MixtureSettings {
  int steps = 100;
  double tolerance = 1e-3, floor = 1e-6;
};
Mixture fit_mixture(const at::Tensor& x, Mixture start, const MixtureSettings& settings);

/// The mixture that responsibilities [n, k] ask for: one M step.
Mixture mixture_of(const at::Tensor& x, const at::Tensor& responsibilities, double floor);

}  // namespace fairfight
