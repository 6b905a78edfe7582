#include "fairfight/methods/clusters.h"

#include <gtest/gtest.h>

#include "fairfight/base/error.h"
#include "fairfight/methods/mixture.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

/// Three far clusters of 40, 80 and 120 rows.
struct Far {
  at::Tensor label = at::cat({at::zeros({40}, at::kLong), at::ones({80}, at::kLong), at::full({120}, 2, at::kLong)});
  at::Tensor centres = at::tensor({0.f, 0.f, 40.f, 0.f, 0.f, 40.f}).view({3, 2});
  at::Tensor x = centres.index_select(0, label) + at::randn({240, 2}, at::detail::createCPUGenerator(1), at::kFloat);
};

TEST(KMeans, FindsFarClustersAndTheirMeans) {
  const Far far;
  const auto fit = k_means(far.x, 3, Random(1, "k"));
  for (int64_t c = 0; c < 3; ++c) {
    const auto own = fit.labels.index({far.label == c});
    EXPECT_TRUE((own == own[0]).all().item<bool>());
    const auto mean = far.x.index({far.label == c}).mean(0);
    EXPECT_LT((fit.centroids[own[0].item<int64_t>()] - mean).abs().max().item<double>(), 1e-4);
  }
}

TEST(KMeans, StandsIdenticalRowsAndRefusesTooFew) {
  const auto fit = k_means(at::ones({10, 3}), 4, Random(1, "k"));
  EXPECT_TRUE(fit.centroids.isfinite().all().item<bool>());
  EXPECT_THROW(k_means(at::ones({3, 3}), 4, Random(1, "k")), Error);
}

TEST(Mixture, IsTheOneTheRowsWereDrawnFrom) {
  const Far far;
  const auto start = mixture_of(far.x, at::one_hot(far.label, 3).to(at::kDouble), 1e-6);
  const auto fit = fit_mixture(far.x, start, {});
  EXPECT_LT((fit.weights - at::tensor({40 / 240.0, 80 / 240.0, 120 / 240.0}, at::kDouble)).abs().max().item<double>(), 1e-6);
  EXPECT_LT((fit.variances - 1).abs().max().item<double>(), 0.5);
  const auto grid =
      at::stack(at::meshgrid({at::arange(-10, 50, 0.25, at::kDouble), at::arange(-10, 50, 0.25, at::kDouble)}, "ij"), -1).flatten(0, 1);
  EXPECT_NEAR(fit.log_density(grid).exp().sum().item<double>() / 16, 1, 1e-3);  // a density: its integral is 1
  EXPECT_LT((fit.responsibilities(far.x).sum(1) - 1).abs().max().item<double>(), 1e-9);
}

}  // namespace
}  // namespace fairfight
