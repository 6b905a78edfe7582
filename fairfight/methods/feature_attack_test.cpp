#include "fairfight/methods/feature_attack.h"

#include <gtest/gtest.h>

#include <map>

#include "fairfight/base/error.h"
#include "fairfight/methods/hooks/testing.h"
#include "fairfight/methods/signed_features.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

using Which = FeatureAttack::Which;

class FeatureAttackTest : public testing::Test {
 protected:
  static constexpr int64_t kWidth = 16, kModel = 12;
  const std::shared_ptr<const Dictionary> dictionary = random_topk(kModel, 5);
  const at::Tensor state = normal({2, 3, kModel}, 6), slope = normal({2, 3, kModel}, 7), everywhere = at::ones({2, 3}, at::kBool);
  const at::Tensor all = at::arange(2 * kWidth, at::kLong);
  const at::Tensor directions = SignedFeatures::directions(*dictionary, all);
  const at::Tensor fires = SignedFeatures::fired(dictionary->encode(state.flatten(0, 1)), all);

  FeatureMove linear(const FeatureAttack& attack) const {
    return feature_attack(attack, *dictionary, state, everywhere, [&](const at::Tensor& d) { return (d * slope).sum(); });
  }
  double loss(const at::Tensor& delta, int64_t row) const { return (delta.flatten(0, 1)[row] * slope.flatten(0, 1)[row]).sum().item<double>(); }
  /// c' of a row, by the move.
  at::Tensor after(const FeatureMove& move, int64_t row) const {
    auto c = fires[row].clone();
    return c.index_add_(0, move.features.flatten(0, 1)[row], move.change.flatten(0, 1)[row]);
  }
};

/// Of one silent feature and a linear loss the optimum is known: try each of them, a whole radius far.
TEST_F(FeatureAttackTest, OneFeatureIsTheBruteForceOptimum) {
  const double radius = 0.7;
  const auto move = linear({{radius, 6, 0.5}, 1, Which::silent});
  for (int64_t row = 0; row < 6; ++row) {
    double best = 0;
    for (int64_t j = 0; j < 2 * kWidth; ++j)
      if (fires[row][j].item<double>() == 0) best = std::min(best, radius / directions[j].norm().item<double>() * directions[j].dot(slope.flatten(0, 1)[row]).item<double>());
    EXPECT_NEAR(loss(move.delta, row), best, 1e-5) << row;
  }
}

TEST_F(FeatureAttackTest, KeepsToTheBallTheFeaturesAndTheSigns) {
  for (const Which which : {Which::all, Which::firing, Which::silent})
    for (const int64_t k : {1, 3, 32}) {
      const auto move = linear({{0.9, 7, 0.3}, k, which});
      EXPECT_EQ(move.features.sizes(), (at::IntArrayRef{2, 3, k}));
      EXPECT_LE(move.delta.norm(2, -1).max().item<double>(), 0.9 * (1 + 1e-5));
      for (int64_t row = 0; row < 6; ++row) {
        const auto c = after(move, row);
        EXPECT_GE(c.min().item<double>(), -1e-5);  // nothing fires less than not at all
        EXPECT_LE((c - fires[row]).count_nonzero().item<int64_t>(), k);
        EXPECT_LT((directions.t().mv(c - fires[row]) - move.delta.flatten(0, 1)[row]).abs().max().item<double>(), 1e-5);
        const auto moved = (c - fires[row]).abs() > 1e-7;
        if (which == Which::firing) EXPECT_FALSE(moved.logical_and(fires[row] == 0).any().item<bool>());
        if (which == Which::silent) EXPECT_FALSE(moved.logical_and(fires[row] > 0).any().item<bool>());
        EXPECT_LE(loss(move.delta, row), 1e-6);
      }
    }
}

/// More features may be moved: the loss is no higher. All of them and both ways come near the attack on the state itself.
TEST_F(FeatureAttackTest, MoreFeaturesDoMoreHarm) {
  const auto harm = [&](int64_t k) { return (linear({{0.9, 40, 0.1}, k, Which::all}).delta * slope).sum().item<double>(); };
  const double one = harm(1), four = harm(4), every = harm(32);
  const auto dense = latent_attack({0.9, 40, 0.1}, everywhere, kModel, [&](const at::Tensor& d) { return (d * slope).sum(); });
  const double most = (dense * slope).sum().item<double>();
  EXPECT_LT(four, one);
  EXPECT_LT(every, one);
  EXPECT_GE(every, most - 1e-4);
  EXPECT_LT(every, 0.5 * most);
}

/// The slope of a feature is that of finite differences.
TEST_F(FeatureAttackTest, FollowsTheFeaturesOwnSlope) {
  const auto curved = [&](const at::Tensor& d) { return ((d + state).pow(3) * slope).sum(); };
  const auto move = feature_attack({{1e-3, 1, 1.0}, 1, Which::silent}, *dictionary, state, everywhere, curved);
  for (int64_t row = 0; row < 6; ++row) {
    double best = 0;
    int64_t chosen = -1;
    for (int64_t j = 0; j < 2 * kWidth; ++j) {
      if (fires[row][j].item<double>() > 0) continue;
      const auto at = [&](double h) {
        auto d = at::zeros_like(state, at::kDouble);
        d.view({6, kModel})[row] = (h * directions[j] / directions[j].norm()).to(at::kDouble);
        return (((d + state.to(at::kDouble)).pow(3)) * slope.to(at::kDouble)).sum().item<double>();
      };
      const double by_differences = (at(1e-4) - at(-1e-4)) / 2e-4;
      if (by_differences < best) best = by_differences, chosen = j;
    }
    EXPECT_EQ(move.features.flatten(0, 1)[row][0].item<int64_t>(), chosen) << row;
  }
}

TEST_F(FeatureAttackTest, WhatNeverFiresBelowZeroIsNotAdded) {
  const auto move = linear({{0.9, 7, 0.3}, 4, Which::silent, /*both_signs=*/false});
  EXPECT_EQ(move.features.masked_select(move.change != 0).ge(kWidth).sum().item<int64_t>(), 0);
  EXPECT_GT(linear({{0.9, 7, 0.3}, 4, Which::silent}).features.ge(kWidth).sum().item<int64_t>(), 0);
}

TEST_F(FeatureAttackTest, ActsOnlyWhereItMay) {
  const auto mask = at::tensor({1, 0, 1, 0, 1, 0}).view({2, 3}).to(at::kBool);
  const auto move = feature_attack({{0.5, 3, 0.5}, 2, Which::all}, *dictionary, state, mask, [&](const at::Tensor& d) { return (d * slope).sum(); });
  EXPECT_EQ(move.delta.masked_select(mask.logical_not().unsqueeze(2)).abs().sum().item<double>(), 0);
  EXPECT_GT(move.delta.norm(2, -1).masked_select(mask).min().item<double>(), 0.4);
  EXPECT_FALSE(move.delta.requires_grad());
  EXPECT_THROW(linear({{0.5, 3, 0.5}, 0, Which::all}), Error);
  EXPECT_THROW(linear({{0, 3, 0.5}, 1, Which::all}), Error);
}

}  // namespace
}  // namespace fairfight
