#include "fairfight/methods/mixture.h"

#include <cmath>
#include <numbers>

#include "fairfight/base/stop.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

/// log(weight · density) of each component, [n, k]. The square is multiplied out: two products of matrices.
at::Tensor log_joint(const Mixture& m, const at::Tensor& x, const at::Tensor& squares) {
  const auto precisions = m.variances.reciprocal();
  const auto constants = m.weights.log() - 0.5 * (double(x.size(1)) * std::log(2 * std::numbers::pi) + m.variances.log().sum(1) +
                                                  (m.means.square() * precisions).sum(1));
  return at::addmm(constants, x, (m.means * precisions).t()).addmm_(squares, precisions.t(), 1, -0.5);
}

Mixture maximised(const at::Tensor& x, const at::Tensor& squares, const at::Tensor& responsibilities, double floor) {
  constexpr double kEmpty = 10 * 2.220446049250313e-16;  // keeps an empty component finite
  const auto counts = responsibilities.sum(0) + kEmpty;
  const auto shares = (responsibilities / counts).t();
  const auto means = shares.mm(x);
  return {counts / counts.sum(), means, (shares.mm(squares) - means.square()).clamp_min(0) + floor};
}

}  // namespace

at::Tensor Mixture::log_density(const at::Tensor& x) const {
  at::NoGradGuard no_grad;
  const auto rows = x.to(at::kDouble);
  return log_joint(*this, rows, rows.square()).logsumexp(1);
}

at::Tensor Mixture::responsibilities(const at::Tensor& x) const {
  at::NoGradGuard no_grad;
  const auto rows = x.to(at::kDouble);
  return log_joint(*this, rows, rows.square()).softmax(1);
}

Mixture mixture_of(const at::Tensor& x, const at::Tensor& responsibilities, double floor) {
  const auto rows = x.to(at::kDouble);
  return maximised(rows, rows.square(), responsibilities, floor);
}

Mixture fit_mixture(const at::Tensor& x, Mixture mixture, const MixtureSettings& settings) {
  at::NoGradGuard no_grad;
  const auto rows = x.to(at::kDouble), squares = rows.square();
  double before = -INFINITY;
  for (int step = 0; step < settings.steps; ++step) {
    check_stop();
    const auto joint = log_joint(mixture, rows, squares);
    const auto density = joint.logsumexp(1, true);
    mixture = maximised(rows, squares, (joint - density).exp_(), settings.floor);
    const double now = density.mean().item<double>();
    if (std::abs(now - before) < settings.tolerance) break;
    before = now;
  }
  return mixture;
}

}  // namespace fairfight
