#include "fairfight/methods/covariance.h"

#include <gtest/gtest.h>

#include <cmath>

#include "fairfight/base/error.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

/// x[i][j] = sin(1 + 3 i + 7 j) + i j / 10: what reference/ledoit_wolf.py fits with scikit-learn.
at::Tensor fixed_rows() {
  auto x = at::empty({6, 3}, at::kDouble);
  for (int64_t i = 0; i < 6; ++i)
    for (int64_t j = 0; j < 3; ++j) x.index_put_({at::tensor(i), at::tensor(j)}, at::tensor(std::sin(1.0 + 3 * double(i) + 7 * double(j)) + double(i * j) / 10, at::kDouble));
  return x;
}

TEST(LedoitWolf, AgreesWithScikitLearn) {
  const auto fit = ledoit_wolf(fixed_rows());
  EXPECT_NEAR(fit.shrinkage, 0.081825832448180, 1e-10);
  EXPECT_NEAR(fit.covariance[0][1].item<double>(), 0.492727158790489, 1e-10);
  EXPECT_NEAR(fit.covariance[2][2].item<double>(), 0.683844946634804, 1e-10);
}

TEST(LedoitWolf, IdenticalRowsAreRefusedOrShrunkToNothing) {
  EXPECT_THROW(ledoit_wolf(at::zeros({1, 3})), Error);
  EXPECT_EQ(ledoit_wolf(at::ones({5, 3})).shrinkage, 1);
}

TEST(Mahalanobis, IsTheQuadraticForm) {
  const auto x = fixed_rows();
  const auto fit = ledoit_wolf(x);
  const auto centred = x - fit.mean;
  const auto expected = (centred.mm(at::linalg_inv(fit.covariance)) * centred).sum(1);
  EXPECT_LT((Mahalanobis(fit).distances(x) - expected).abs().max().item<double>(), 1e-9);
}

TEST(PrincipalAxes, SpanTheVarianceInOrder) {
  const auto base = at::randn({4000, 4}, at::detail::createCPUGenerator(1), at::kFloat);
  const auto x = base * at::tensor({5.f, 3.f, 1.f, 0.1f}) + 2;
  const auto fit = principal_axes(x, 2);
  EXPECT_LT((fit.axes.mm(fit.axes.t()) - at::eye(2, at::kDouble)).abs().max().item<double>(), 1e-12);
  EXPECT_GT(fit.axes[0][0].abs().item<double>(), 0.99);
  EXPECT_GT(fit.axes[1][1].abs().item<double>(), 0.99);
  EXPECT_THROW(principal_axes(x, 5), Error);
}

}  // namespace
}  // namespace fairfight
