#include "fairfight/methods/leace.h"

#include <algorithm>
#include <limits>

#include "fairfight/base/error.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();

/// S [d, d] has divisor n.
at::Tensor shrunk(const at::Tensor& s, double n) {
  const double d = double(s.size(0)), trace = s.trace().item<double>(), squares = s.square().sum().item<double>();
  const double spread = squares - trace * trace / d;  // ‖S - tr(S)/d I‖²
  const double kept = spread > 0 ? std::max(1 - trace * trace / (n * spread), 0.0) : 0;
  return kept * s + (1 - kept) * trace / d * at::eye(s.size(0), at::kDouble);
}

/// An orthonormal basis of the columns of m.
at::Tensor basis_of(const at::Tensor& m) {
  const auto [u, s, vh] = at::linalg_svd(m, /*full_matrices=*/false);
  const double least = s[0].item<double>() * double(std::max(m.size(0), m.size(1))) * kEpsilon;
  return u.slice(1, 0, (s > least).sum().item<int64_t>());
}

}  // namespace

at::Tensor Leace::operator()(const at::Tensor& x_raw) const {
  const auto x = x_raw.to(at::kDouble);
  return x - (x - mean).mm(right).mm(left.t());
}

Leace leace(const at::Tensor& x_raw, const at::Tensor& z_raw, bool shrink) {
  at::NoGradGuard no_grad;
  const int64_t n = x_raw.size(0);
  if (x_raw.dim() != 2 || n < 2) fail("[leace] got {} rows, expected at least 2", x_raw.dim() == 2 ? n : 0);
  if (z_raw.size(0) != n) fail("[leace] got {} labels for {} rows", z_raw.size(0), n);
  const auto mean = x_raw.to(at::kDouble).mean(0);
  const auto x = x_raw.to(at::kDouble) - mean;
  auto z = z_raw.to(at::kDouble).reshape({n, -1});
  z = z - z.mean(0);
  const auto scatter = x.t().mm(x);
  const auto sigma = shrink ? shrunk(scatter / double(n), double(n)) : scatter / double(n - 1);
  const auto cross = x.t().mm(z) / double(n - 1);

  const auto [values, vectors] = at::linalg_eigh(sigma);  // ascending
  const auto kept = values > values[-1] * double(x.size(1)) * kEpsilon;
  const auto root = at::where(kept, values, at::zeros_like(values)).sqrt();
  const auto inverse = at::where(kept, 1 / root, at::zeros_like(root));
  const auto whiten = (vectors * inverse).mm(vectors.t()), unwhiten = (vectors * root).mm(vectors.t());
  const auto u = basis_of(whiten.mm(cross));
  return {mean, unwhiten.mm(u), whiten.mm(u)};
}

}  // namespace fairfight
