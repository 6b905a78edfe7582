#include "fairfight/methods/latent_attack.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "fairfight/base/error.h"
#include "fairfight/model/testing.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

const at::Tensor kEverywhere = at::ones({2, 3}, at::kBool);

/// Of a linear loss the best δ is the radius against the slope.
TEST(LatentAttack, FindsTheOptimumOfALinearLoss) {
  const auto slope = normal({2, 3, 5}, 1);
  const auto delta = latent_attack({1.5, 8, 0.25}, kEverywhere, 5, [&](const at::Tensor& d) { return (d * slope).sum(); });
  EXPECT_LT((delta + 1.5 * slope / slope.norm(2, -1, true)).abs().max().item<double>(), 1e-6);
}

/// Of ‖δ − c‖² it is c projected into the ball, found here by brute force over a fine grid of the plane.
TEST(LatentAttack, ComesToTheBruteForceOptimum) {
  const auto centre = at::tensor({0.3f, -0.2f, 2.0f, 1.0f, -0.5f, 0.1f, -3.0f, 0.4f, 0.0f, 0.6f, 0.9f, -0.9f}).view({2, 3, 2});
  const double radius = 0.8;
  const auto loss = [&](const at::Tensor& d) { return (d - centre).square().sum(); };
  const auto delta = latent_attack({radius, 400, 0.02}, kEverywhere, 2, loss);
  for (int64_t i = 0; i < 6; ++i) {
    const auto c = centre.view({6, 2})[i], d = delta.view({6, 2})[i];
    double best = 1e9;
    constexpr int kSteps = 160;  // of the grid, either way
    for (int ix = -kSteps; ix <= kSteps; ++ix)
      for (int iy = -kSteps; iy <= kSteps; ++iy) {
        const double x = radius * ix / kSteps, y = radius * iy / kSteps;
        if (x * x + y * y <= radius * radius) best = std::min(best, std::pow(x - c[0].item<double>(), 2) + std::pow(y - c[1].item<double>(), 2));
      }
    EXPECT_NEAR((d - c).square().sum().item<double>(), best, 0.02) << i;
    EXPECT_LE(d.norm().item<double>(), radius * (1 + 1e-6));
  }
}

TEST(LatentAttack, ActsOnlyWhereItMay) {
  const auto mask = at::tensor({1, 0, 1, 0, 1, 0}).view({2, 3}).to(at::kBool);
  const auto slope = normal({2, 3, 4}, 2);
  const auto delta = latent_attack({1, 3, 0.5}, mask, 4, [&](const at::Tensor& d) { return (d * slope).sum() + d.square().sum(); });
  EXPECT_EQ(delta.masked_select(mask.logical_not().unsqueeze(2)).abs().sum().item<double>(), 0);
  EXPECT_GT(delta.masked_select(mask.unsqueeze(2)).abs().min().item<double>(), 0);
  EXPECT_FALSE(delta.requires_grad());
  EXPECT_THROW(latent_attack({0, 3, 0.5}, mask, 4, [](const at::Tensor& d) { return d.sum(); }), Error);
}

/// Where the loss hangs on nothing nobody moves.
TEST(LatentAttack, AFlatLossMovesNothing) {
  const auto delta = latent_attack({1, 3, 0.5}, kEverywhere, 4, [](const at::Tensor& d) { return (d * 0).sum(); });
  EXPECT_EQ(delta.abs().sum().item<double>(), 0);
}

}  // namespace
}  // namespace fairfight
