#include "fairfight/methods/clusters.h"

#include <cmath>
#include <vector>

#include "fairfight/base/error.h"
#include "fairfight/base/stop.h"
#include "fairfight/dict/kernels.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

constexpr int kSteps = 50;

at::Tensor nearest(const at::Tensor& x, const at::Tensor& centroids) {
  return encode_top_k(x, centroids, centroids.square().sum(1) / -2, {1, {}, -INFINITY}).indices.squeeze(1);
}

at::Tensor first_centroids(const at::Tensor& x, int64_t k, Random& random) {
  std::vector<at::Tensor> chosen;
  auto distance = at::ones({x.size(0)}, at::kDouble);
  while (int64_t(chosen.size()) < k) {
    const std::span<const double> weights(distance.data_ptr<double>(), size_t(distance.numel()));
    const bool spent = distance.sum().item<double>() <= 0;  // every row is a centroid already
    chosen.push_back(x[int64_t(spent ? random.below(weights.size()) : random.pick(weights))]);
    const auto fresh = (x - chosen.back()).square().sum(1).to(at::kDouble);
    distance = chosen.size() == 1 ? fresh : at::minimum(distance, fresh);
  }
  return at::stack(chosen);
}

/// Means of the rows of a label; a centroid without rows stays where it is.
at::Tensor moved(const at::Tensor& x, const at::Tensor& labels, const at::Tensor& centroids) {
  const int64_t d = x.size(1);
  auto sums = at::zeros(centroids.sizes(), at::kDouble);
  auto counts = at::zeros({centroids.size(0), 1}, at::kDouble);
  for (int64_t r = 0; r < x.size(0); ++r) {
    const int32_t c = labels.data_ptr<int32_t>()[r];
    const float* row = x.data_ptr<float>() + r * d;
    double* sum = sums.data_ptr<double>() + c * d;
    for (int64_t i = 0; i < d; ++i) sum[i] += row[i];
    ++counts.data_ptr<double>()[c];
  }
  return at::where(counts > 0, sums / counts.clamp_min(1), centroids.to(at::kDouble)).to(at::kFloat);
}

}  // namespace

Clusters k_means(const at::Tensor& rows, int64_t k, Random random) {
  if (k < 1 || rows.size(0) < k) fail("[k_means] got {} rows for {} clusters, expected at least as many", rows.size(0), k);
  at::NoGradGuard no_grad;
  const auto mean = rows.mean(0);
  const auto x = (rows - mean).contiguous();
  Clusters fit{first_centroids(x, k, random), {}};
  fit.labels = nearest(x, fit.centroids);
  for (int step = 0; step < kSteps; ++step) {
    check_stop();
    fit.centroids = moved(x, fit.labels, fit.centroids);
    const auto labels = nearest(x, fit.centroids);
    if (labels.equal(fit.labels)) break;
    fit.labels = labels;
  }
  fit.centroids += mean;
  return fit;
}

}  // namespace fairfight
