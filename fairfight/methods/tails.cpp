#include "fairfight/methods/tails.h"

#include <algorithm>

#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

/// How many of the n ascending values are smaller than x. Without branches: half the guesses would be wrong.
int64_t smaller(const float* sorted, int64_t n, float x) {
  const float* base = sorted;
  while (n > 1) {
    const int64_t half = n / 2;
    base += base[half - 1] < x ? half : 0;
    n -= half;
  }
  return base - sorted + (n == 1 && *base < x);
}

}  // namespace

EmpiricalTails::EmpiricalTails(const at::Tensor& x) : sorted_(x.t().clone(at::MemoryFormat::Contiguous)) {
  const int64_t n = x.size(0);
  float* columns = sorted_.data_ptr<float>();
  at::parallel_for(0, x.size(1), 1, [&](int64_t begin, int64_t end) {
    for (int64_t c = begin; c < end; ++c) std::sort(columns + c * n, columns + (c + 1) * n);
  });
  auto moments = at::zeros({x.size(1)}, at::kDouble);
  const auto mean = x.mean(0, false, at::kDouble);
  for (const auto& rows : x.split(8192)) moments += (rows - mean).pow(3).sum(0);
  skew_ = moments.sign();
}

EmpiricalTails::Surprise EmpiricalTails::surprise(const at::Tensor& x) const {
  const auto columns = x.t().contiguous();
  const int64_t d = columns.size(0), rows = columns.size(1), n = sorted_.size(1);
  auto left = at::empty({d, rows}, at::kDouble), right = at::empty({d, rows}, at::kDouble);
  at::parallel_for(0, d, 1, [&](int64_t begin, int64_t end) {
    for (int64_t c = begin; c < end; ++c) {
      const float* sorted = sorted_.data_ptr<float>() + c * n;
      for (int64_t r = 0; r < rows; ++r) {
        const float value = columns.data_ptr<float>()[c * rows + r];
        const int64_t below = smaller(sorted, n, value);
        const bool known = below < n && sorted[below] == value;
        const int64_t equal = known ? std::upper_bound(sorted + below, sorted + n, value) - sorted : below;
        left.data_ptr<double>()[c * rows + r] = double(1 + equal);
        right.data_ptr<double>()[c * rows + r] = double(1 + n - below);
      }
    }
  });
  const auto surprise = [&](const at::Tensor& counts) { return counts.div_(double(n + 1)).log_().neg_().t(); };
  return {surprise(left), surprise(right)};
}

}  // namespace fairfight
