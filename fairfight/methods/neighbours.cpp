#include "fairfight/methods/neighbours.h"

#include <algorithm>
#include <cmath>

#include "fairfight/base/error.h"
#include "fairfight/base/simd.h"
#include "fairfight/dict/kernels.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

FAIRFIGHT_SIMD double squared_distance(const float* a, const float* b, int64_t d) {
  double sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < d; ++i) {
    const double gap = double(a[i]) - double(b[i]);
    sum += gap * gap;
  }
  return sum;
}

}  // namespace

// Rows are searched around the bank's mean: a large common offset would cost the products their digits.
NeighbourBank::NeighbourBank(const at::Tensor& bank) {
  mean_ = bank.mean(0, false, at::kDouble).to(at::kFloat);
  bank_ = (bank - mean_).contiguous();
  offset_ = bank_.square().sum(1) / -2;
}

Neighbours NeighbourBank::nearest(const at::Tensor& x, int64_t k) const {
  if (k < 1 || k > bank_.size(0)) fail("[neighbours] got k = {}, expected 1 to the {} rows of the bank", k, bank_.size(0));
  return search((x - mean_).contiguous(), k, false);
}

Neighbours NeighbourBank::of_itself(int64_t k) const {
  if (k < 1 || k >= bank_.size(0)) fail("[neighbours] got k = {}, expected 1 to fewer than the {} rows of the bank", k, bank_.size(0));
  return search(bank_, k, true);
}

Neighbours NeighbourBank::search(const at::Tensor& x, int64_t k, bool skip_own) const {
  at::NoGradGuard no_grad;
  const int64_t n = x.size(0), d = x.size(1), found = k + skip_own;
  const Codes nearest = encode_top_k(x, bank_, offset_, {found, {}, -INFINITY});
  Neighbours result{at::empty({n, k}, at::kInt), at::empty({n, k}, at::kDouble)};
  const int32_t* candidates = nearest.indices.data_ptr<int32_t>();
  const float *rows = x.data_ptr<float>(), *bank = bank_.data_ptr<float>();
  at::parallel_for(0, n, 64, [&](int64_t begin, int64_t end) {
    std::vector<std::pair<double, int32_t>> near;
    for (int64_t r = begin; r < end; ++r) {
      near.clear();
      for (int64_t i = 0; i < found; ++i) {
        const int32_t j = candidates[r * found + i];
        if (!(skip_own && j == r)) near.emplace_back(squared_distance(rows + r * d, bank + j * d, d), j);
      }
      std::sort(near.begin(), near.end());
      for (int64_t i = 0; i < k; ++i) {
        result.distance.data_ptr<double>()[r * k + i] = std::sqrt(near[size_t(i)].first);
        result.index.data_ptr<int32_t>()[r * k + i] = near[size_t(i)].second;
      }
    }
  });
  return result;
}

}  // namespace fairfight
