#include "fairfight/methods/one_class_svm.h"

#include <algorithm>
#include <cmath>

#include "fairfight/base/error.h"
#include "fairfight/base/stop.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

constexpr int64_t kMostSteps = 1000000;

struct Solution {
  std::vector<double> alpha;  // in [0, 1], sum nu n
  double offset;              // rho: the decision's threshold
};

/// min ½ αᵀKα subject to 0 <= α <= 1 and a fixed sum. K [n, n] float64 with the diagonal 1.
Solution solve(const at::Tensor& kernel, double nu, double precision) {
  const int64_t n = kernel.size(0);
  const double* K = kernel.data_ptr<double>();
  auto start = at::zeros({n}, at::kDouble);
  double* alpha = start.data_ptr<double>();
  const double mass = nu * double(n);
  for (int64_t i = 0; i < n && double(i) < mass; ++i) alpha[i] = std::min(1.0, mass - double(i));
  auto gradient = kernel.mv(start);
  double* g = gradient.data_ptr<double>();

  for (int64_t step = 0;; ++step) {
    if (step == kMostSteps) fail("[one_class_svm] no solution after {} steps; raise the precision's bound", step);
    if (step % 1024 == 0) check_stop();
    int64_t up = -1, down = -1;
    double largest = 0, best = 0;
    for (int64_t i = 0; i < n; ++i) {
      if (alpha[i] < 1 && (up < 0 || g[i] < g[up])) up = i;
      if (alpha[i] > 0) largest = std::max(largest, g[i]);
    }
    if (up < 0 || largest - g[up] < precision) break;
    const double* row = K + up * n;
    for (int64_t j = 0; j < n; ++j) {
      const double gap = g[j] - g[up];
      if (!(alpha[j] > 0) || gap <= 0) continue;
      const double gain = gap * gap / std::max(2 - 2 * row[j], 1e-12);
      if (gain > best) best = gain, down = j;
    }
    const double* other = K + down * n;
    const double wished = (g[down] - g[up]) / std::max(2 - 2 * row[down], 1e-12);
    const double room = std::min(1 - alpha[up], alpha[down]), move = std::min(wished, room);
    alpha[up] = move == 1 - alpha[up] ? 1 : alpha[up] + move;
    alpha[down] = move == alpha[down] ? 0 : alpha[down] - move;
    for (int64_t i = 0; i < n; ++i) g[i] += move * (row[i] - other[i]);
  }

  double sum = 0, low = -INFINITY, high = INFINITY;
  int64_t free = 0;
  for (int64_t i = 0; i < n; ++i) {
    if (alpha[i] >= 1)
      low = std::max(low, g[i]);
    else if (alpha[i] <= 0)
      high = std::min(high, g[i]);
    else
      sum += g[i], ++free;
  }
  const double offset = free ? sum / double(free) : std::isinf(high) ? low
                                                : std::isinf(low)    ? high
                                                                     : (low + high) / 2;
  return {{alpha, alpha + n}, offset};
}

}  // namespace

OneClassSvm::OneClassSvm(const at::Tensor& x, double nu, double gamma, double precision) : gamma_(gamma) {
  if (!(nu > 0 && nu <= 1)) fail("[one_class_svm] got nu = {}, expected above 0, up to 1", nu);
  at::NoGradGuard no_grad;
  const auto rows = x.to(at::kDouble);
  mean_ = rows.mean(0);
  const auto centred = rows - mean_;
  const Solution solution = solve(kernel(centred, centred).fill_diagonal_(1), nu, precision);
  const auto alpha = at::tensor(solution.alpha, at::kDouble);
  const auto support = alpha.nonzero().squeeze(1);
  vectors_ = centred.index_select(0, support);
  weights_ = alpha.index_select(0, support);
  offset_ = solution.offset;
}

at::Tensor OneClassSvm::kernel(const at::Tensor& a, const at::Tensor& b) const {
  const auto squares = a.square().sum(1, true) + b.square().sum(1);
  return squares.addmm_(a, b.t(), 1, -2).clamp_min_(0).mul_(-gamma_).exp_();
}

at::Tensor OneClassSvm::decision(const at::Tensor& x) const {
  at::NoGradGuard no_grad;
  return kernel(x.to(at::kDouble) - mean_, vectors_).mv(weights_) - offset_;
}

}  // namespace fairfight
