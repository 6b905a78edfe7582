#include "fairfight/methods/logistic.h"

#include "fairfight/base/error.h"
#include "fairfight/model/torch.h"

namespace fairfight {

LogisticRegression::LogisticRegression(const at::Tensor& x, const at::Tensor& y_raw, double l2) {
  const auto y = y_raw.to(at::kDouble);
  const double ones = y.sum().item<double>(), n = double(y.numel());
  if (ones == 0 || ones == n) fail("[LogisticRegression] got {} ones among {} labels, expected both classes", ones, n);
  if (!(l2 > 0)) fail("[LogisticRegression] got l2 {}, expected a positive number: separable data have no optimum without", l2);
  mean_ = x.to(at::kDouble).mean(0);
  scale_ = x.to(at::kDouble).std(0).clamp_min(1e-12);
  const auto a = design(x);
  const auto share = at::where(y > 0.5, at::scalar_tensor(0.5 / ones, at::kDouble), at::scalar_tensor(0.5 / (n - ones), at::kDouble));
  auto penalty = at::full({a.size(1)}, l2, at::kDouble);
  penalty[-1] = 0;
  weights_ = at::zeros({a.size(1)}, at::kDouble);
  const auto loss_at = [&](const at::Tensor& w) {
    const auto z = a.mv(w);
    return ((at::softplus(z) - y * z) * share).sum().item<double>() + 0.5 * (penalty * w * w).sum().item<double>();
  };
  constexpr int kMostSteps = 100;
  for (int i = 0; i < kMostSteps; ++i) {
    const auto p = a.mv(weights_).sigmoid();
    const auto gradient = a.t().mv(share * (p - y)) + penalty * weights_;
    if (gradient.abs().max().item<double>() < 1e-8) return;
    const auto hessian = a.t().mm(a * (share * p * (1 - p)).unsqueeze(1)) + at::diag(penalty + 1e-12);
    const auto direction = at::cholesky_solve(gradient.unsqueeze(1), at::linalg_cholesky(hessian)).squeeze(1);
    // Newton's step may overshoot where the data are almost separated: halve it until the loss falls.
    double rate = 1;
    const double before = loss_at(weights_);
    while (rate > 1e-6 && loss_at(weights_ - rate * direction) > before) rate /= 2;
    weights_ = weights_ - rate * direction;
  }
}

at::Tensor LogisticRegression::design(const at::Tensor& x) const {
  const auto z = (x.to(at::kDouble) - mean_) / scale_;
  return at::cat({z, at::ones({z.size(0), 1}, at::kDouble)}, 1);
}

at::Tensor LogisticRegression::coefficients() const { return weights_.slice(0, 0, -1) / scale_; }
double LogisticRegression::intercept() const { return (weights_[-1] - coefficients().dot(mean_)).item<double>(); }

at::Tensor LogisticRegression::logits(const at::Tensor& x) const { return design(x).mv(weights_); }

}  // namespace fairfight
