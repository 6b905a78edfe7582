#include "fairfight/methods/logistic.h"

#include <gtest/gtest.h>

#include "fairfight/base/error.h"
#include "fairfight/base/random.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

/// Two overlapping clouds, three quarters of them of class 0; far from the origin and of unequal scales.
std::pair<at::Tensor, at::Tensor> clouds(int64_t n, double distance) {
  Random random(1, "clouds");
  auto x = at::empty({n, 3}, at::kDouble), y = at::zeros({n}, at::kDouble);
  for (int64_t i = 0; i < n; ++i) {
    y[i] = i % 4 == 0 ? 1.0 : 0.0;
    for (int64_t j = 0; j < 3; ++j) x[i][j] = 5 + double(j + 1) * (random.normal() + (i % 4 == 0 ? distance : 0));
  }
  return {x, y};
}

TEST(Logistic, IsWhereTheGradientOfItsLossVanishes) {
  const auto [x, y] = clouds(400, 0.7);
  const LogisticRegression fit(x, y, 0.01);
  auto w = fit.weights().clone().requires_grad_();
  const auto z = at::cat({(x - x.mean(0)) / x.std(0), at::ones({400, 1}, at::kDouble)}, 1).mv(w);
  const auto losses = at::softplus(z) - y * z;
  const auto loss = 0.5 * losses.index({y > 0.5}).mean() + 0.5 * losses.index({y < 0.5}).mean() + 0.005 * w.slice(0, 0, 3).square().sum();
  loss.backward();
  EXPECT_LT(w.grad().abs().max().item<double>(), 1e-7);
  EXPECT_GT(fit.weights().slice(0, 0, 3).min().item<double>(), 0.1);
  EXPECT_TRUE(at::allclose(fit.logits(x), z.detach()));
}

TEST(Logistic, SeparableDataHaveAFiniteAnswer) {
  const auto [x, y] = clouds(200, 20);
  const LogisticRegression fit(x, y, 1e-4);
  EXPECT_TRUE(fit.weights().isfinite().all().item<bool>());
  EXPECT_TRUE(((fit.logits(x) > 0) == (y > 0.5)).all().item<bool>());
}

TEST(Logistic, RefusesOneClassAndNoPenalty) {
  const auto [x, y] = clouds(40, 1);
  EXPECT_THROW(LogisticRegression(x, at::zeros_like(y), 0.1), Error);
  EXPECT_THROW(LogisticRegression(x, y, 0), Error);
}

}  // namespace
}  // namespace fairfight
