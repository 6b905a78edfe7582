#include "fairfight/model/muon.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "fairfight/base/error.h"
#include "fairfight/base/testing.h"
#include "fairfight/model/optimizer.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

/// What five Newton-Schulz steps are in closed form: they act on each singular value alone. In float64.
at::Tensor by_singular_values(const at::Tensor& matrix) {
  const auto [u, s, vh] = at::linalg_svd(matrix.to(at::kDouble), false);
  auto x = s / s.norm();
  for (int step = 0; step < 5; ++step) x = 3.4445 * x - 4.7750 * x.pow(3) + 2.0315 * x.pow(5);
  return u.mm(x.diag()).mm(vh);
}

at::Tensor random(at::IntArrayRef shape, uint64_t seed) {
  at::manual_seed(seed);
  return at::randn(shape);
}

TEST(Muon, OrthogonalisesAsSingularValuesSay) {
  for (uint64_t seed = 1; seed < 4; ++seed) {
    const auto matrix = random({12, 40}, seed), found = orthogonalised(matrix);
    EXPECT_LT((found.to(at::kDouble) - by_singular_values(matrix)).abs().max().item<double>(), 1e-5);
    const auto s = at::linalg_svdvals(found);
    EXPECT_GT(s.min().item<double>(), 0.6);
    EXPECT_LT(s.max().item<double>(), 1.25);
  }
}

/// The formula, step by step, in float64.
TEST(Muon, StepsFollowTheFormula) {
  const double rate = 0.02, decay = 0.1, momentum = 0.9;
  for (auto shape : std::vector<std::vector<int64_t>>{{6, 10}, {10, 6}}) {
    const auto start = random(shape, 2);
    auto w = start.clone().requires_grad_(true);
    Muon muon({w}, {momentum, decay});
    auto expected = start.to(at::kDouble), m = at::zeros_like(expected);
    for (uint64_t step = 0; step < 3; ++step) {
      const auto g = random(shape, 10 + step);
      w.mutable_grad() = g.clone();
      muon.step(rate);
      const auto g64 = g.to(at::kDouble);
      m = momentum * m + (1 - momentum) * g64;
      const auto update = (1 - momentum) * g64 + momentum * m;
      expected = expected * (1 - rate * decay) - rate * std::sqrt(std::max(1.0, double(shape[0]) / double(shape[1]))) * by_singular_values(update);
      EXPECT_LT((w.detach().to(at::kDouble) - expected).abs().max().item<double>(), 2e-6) << step;
      EXPECT_FALSE(w.grad().defined());
    }
  }
}

TEST(Muon, GoesOnWhereItsStateWasSaved) {
  const auto start = random({4, 5}, 3);
  const auto run = [&](bool interrupted) {
    auto w = start.clone().requires_grad_(true);
    Muon first({w}, {});
    const auto step = [&](Muon& muon, uint64_t seed) {
      w.mutable_grad() = random({4, 5}, seed);
      muon.step(0.1);
    };
    step(first, 1);
    if (!interrupted) return step(first, 2), w.detach();
    Muon second({w}, {});
    second.restore(first.state());
    step(second, 2);
    return w.detach();
  };
  EXPECT_TRUE(at::equal(run(true), run(false)));
}

TEST(Schedules, APowerFallsSoonerThanACosine) {
  EXPECT_DOUBLE_EQ(power_schedule(0, 1000, 2, 50, 1.5), 2.0 / 50);
  EXPECT_DOUBLE_EQ(power_schedule(500, 1000, 2, 50, 1.5), 2 * std::pow(0.5, 1.5));
  EXPECT_LT(power_schedule(600, 1000, 2, 50, 1.5), cosine_schedule(600, 1000, 2, 50, 0));
  EXPECT_GT(power_schedule(999, 1000, 2, 50, 1.5), 0);
}

TEST(Muon, WhatItCannotTrainIsRefused) {
  EXPECT_THAT(error_of([] { Muon({at::zeros({3})}, {}); }), testing::HasSubstr("1 dimensions"));
  auto w = at::zeros({2, 2}).requires_grad_(true);
  Muon muon({w}, {});
  EXPECT_THAT(error_of([&] { muon.step(0.1); }), testing::HasSubstr("no gradient"));
  w.mutable_grad() = at::full({2, 2}, NAN);
  EXPECT_THAT(error_of([&] { muon.step(0.1); }), testing::HasSubstr("not finite"));
  EXPECT_THAT(error_of([&] { muon.restore({}); }), testing::HasSubstr("momentum 0"));
}

}  // namespace
}  // namespace fairfight
