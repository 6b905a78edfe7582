#include "fairfight/methods/covariance.h"

#include <algorithm>

#include "fairfight/base/error.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

struct Moments {
  at::Tensor mean, scatter;  // [d], [d, d]: sum of (x - mean)(x - mean)ᵀ
  double fourth = 0;         // sum of ‖x - mean‖⁴
};

/// In slices, so that only one slice at a time stands in float64.
Moments moments(const at::Tensor& x) {
  constexpr int64_t kRows = 8192;
  if (x.dim() != 2 || x.size(0) < 2) fail("[covariance] got {} rows, expected at least 2", x.dim() == 2 ? x.size(0) : 0);
  at::NoGradGuard no_grad;
  Moments m{at::zeros({x.size(1)}, at::kDouble), at::zeros({x.size(1), x.size(1)}, at::kDouble)};
  for (const auto& rows : x.split(kRows)) m.mean += rows.to(at::kDouble).sum(0);
  m.mean /= double(x.size(0));
  for (const auto& rows : x.split(kRows)) {
    const auto centred = rows.to(at::kDouble) - m.mean;
    m.scatter += centred.t().mm(centred);
    m.fourth += centred.square().sum(1).square().sum().item<double>();
  }
  return m;
}

}  // namespace

LedoitWolf ledoit_wolf(const at::Tensor& x) {
  const Moments m = moments(x);
  const double n = double(x.size(0)), d = double(x.size(1));
  const auto sample = m.scatter / n;
  const double mu = sample.trace().item<double>() / d;
  const double squares = sample.square().sum().item<double>();
  const double distance = squares - d * mu * mu;      // d ‖S - mu I‖² in the paper's normalised norm
  const double noise = (m.fourth / n - squares) / n;  // the sampling error's share of it
  const double s = distance > 0 ? std::clamp(noise / distance, 0.0, 1.0) : 1.0;
  return {m.mean, (1 - s) * sample + s * mu * at::eye(x.size(1), at::kDouble), s};
}

Mahalanobis::Mahalanobis(const LedoitWolf& fit) : mean_(fit.mean), factor_(at::linalg_cholesky(fit.covariance)) {}

at::Tensor Mahalanobis::distances(const at::Tensor& x) const {
  at::NoGradGuard no_grad;
  const auto centred = (x.to(at::kDouble) - mean_).t();
  return at::linalg_solve_triangular(factor_, centred, /*upper=*/false).square().sum(0);
}

at::Tensor Mahalanobis::root() const { return at::linalg_solve_triangular(factor_, at::eye(factor_.size(0), at::kDouble), /*upper=*/false); }

PrincipalAxes principal_axes(const at::Tensor& x, int64_t components) {
  if (components < 1 || components > x.size(1)) fail("[principal_axes] got {} components, expected 1 to {}", components, x.size(1));
  const Moments m = moments(x);
  const auto [values, vectors] = at::linalg_eigh(m.scatter);  // ascending
  return {m.mean, vectors.slice(1, x.size(1) - components).flip(1).t().contiguous(), (values / double(x.size(0) - 1)).clamp_min(0).flip(0)};
}

}  // namespace fairfight
