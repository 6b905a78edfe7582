#include "fairfight/methods/finetune.h"

#include <gtest/gtest.h>

#include <cmath>

#include "fairfight/base/error.h"
#include "fairfight/base/testing.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

using End = FineTuneLog::End;

at::Tensor parameter(std::vector<float> values) { return at::tensor(values).requires_grad_(true); }

FineTuneSettings settings(int64_t steps, double rate) {
  FineTuneSettings s;
  s.steps = steps;
  s.learning_rate = rate;
  return s;
}

TEST(FineTune, ReachesTheMinimum) {
  const auto x = parameter({3, -2});
  const auto target = at::tensor({1.0f, 1.0f});
  const auto log = fine_tune({x}, settings(400, 0.05), [&](int64_t) { return (x - target).square().sum(); });
  EXPECT_EQ(log.end, End::all_steps);
  EXPECT_EQ(log.steps, 400);
  EXPECT_EQ(log.kept, 400);
  EXPECT_EQ(log.losses.size(), 400u);
  EXPECT_FLOAT_EQ(float(log.losses[0]), 4 + 9);
  EXPECT_LT((x - target).abs().max().item<double>(), 1e-2);
  EXPECT_FALSE(x.grad().defined());
}

/// With a constant gradient, a bias-corrected Adam moves by the rate, so the path shows the schedule.
TEST(FineTune, FollowsItsSchedule) {
  const auto path = [](FineTuneSettings s) {
    const auto x = parameter({0});
    std::vector<double> moves;
    double before = 0;
    const auto moved = [&] {
      moves.push_back(before - x.item<double>());
      before = x.item<double>();
    };
    s.adam.clip_norm = 10;
    fine_tune({x}, s, [&](int64_t step) {
      if (step > 0) moved();
      return x.sum();
    });
    moved();
    return moves;
  };
  FineTuneSettings s = settings(6, 0.6);
  s.warm_up = 2;
  const auto cosine = path(s);
  const double expected[]{0.3, 0.6, 0.6, 0.6 * 0.5 * (1 + std::sqrt(0.5)), 0.3, 0.6 * 0.5 * (1 - std::sqrt(0.5))};
  for (size_t i = 0; i < 6; ++i) EXPECT_NEAR(cosine[i], expected[i], 1e-4) << i;
  s.schedule = FineTuneSettings::Schedule::constant;
  const auto constant = path(s);
  for (size_t i = 0; i < 6; ++i) EXPECT_NEAR(constant[i], i == 0 ? 0.3 : 0.6, 1e-4) << i;
}

TEST(FineTune, StopsEarlyAndKeepsTheBest) {
  const auto x = parameter({0});
  FineTuneSettings s = settings(100, 0.1);
  s.schedule = FineTuneSettings::Schedule::constant;
  s.check_every = 2;
  s.patience = 3;
  // x rises by 0.1 a step; the validation is lowest at 1.
  const auto log = fine_tune(
      {x}, s, [&](int64_t) { return -x.sum(); }, [&] { return std::abs(x.item<double>() - 1); });
  EXPECT_EQ(log.end, End::no_better);
  EXPECT_EQ(log.kept, 10);
  EXPECT_EQ(log.steps, 16);
  EXPECT_EQ(log.checks.size(), 9u);
  EXPECT_NEAR(x.item<double>(), 1, 1e-3);
}

TEST(FineTune, IsNeverWorseThanTheStartUnderAValidation) {
  const auto x = parameter({0});
  FineTuneSettings s = settings(5, 0.1);
  s.check_every = 1;
  s.patience = 9;
  const auto log = fine_tune(
      {x}, s, [&](int64_t) { return -x.sum(); }, [&] { return std::abs(x.item<double>()); });
  EXPECT_EQ(log.end, End::all_steps);
  EXPECT_EQ(log.kept, 0);
  EXPECT_EQ(x.item<double>(), 0);
}

TEST(FineTune, ALossThatIsNotFiniteLeavesTheLastSoundParameters) {
  const auto x = parameter({1});
  FineTuneSettings s = settings(10, 0.5);
  s.schedule = FineTuneSettings::Schedule::constant;
  // About 1, 0.5, 0 and -0.5, where the logarithm is not a number.
  const auto log = fine_tune({x}, s, [&](int64_t) { return (x + 0.2).log().sum(); });
  EXPECT_EQ(log.end, End::not_finite);
  EXPECT_EQ(log.steps, 3);
  EXPECT_EQ(log.kept, 2);
  EXPECT_NEAR(x.item<double>(), 0, 1e-2);
  EXPECT_FALSE(x.grad().defined());
}

TEST(FineTune, AGradientThatIsNotFiniteMovesNothing) {
  const auto x = parameter({0, 4});
  const auto log = fine_tune({x}, settings(10, 0.5), [&](int64_t) { return x.sqrt().sum(); });
  EXPECT_EQ(log.end, End::not_finite);
  EXPECT_EQ(log.steps, 0);
  EXPECT_EQ(log.losses.size(), 1u);
  EXPECT_TRUE(at::equal(x.detach(), at::tensor({0.0f, 4.0f})));
}

TEST(FineTune, ALastStepThatOverflowsIsTakenBack) {
  const auto x = parameter({3e38f});
  const auto log = fine_tune({x}, settings(1, 3e38), [&](int64_t) { return -x.sum(); });
  EXPECT_EQ(log.end, End::not_finite);
  EXPECT_EQ(log.kept, 0);
  EXPECT_EQ(x.item<float>(), 3e38f);
}

TEST(FineTune, BadInputIsOneLine) {
  const auto x = parameter({1});
  const auto loss = [&](int64_t) { return x.sum(); };
  EXPECT_EQ(error_of([&] { fine_tune({}, settings(1, 1), loss); }), "[fine_tune] got no parameters");
  EXPECT_EQ(error_of([&] { fine_tune({x}, settings(0, 1), loss); }),
            "[fine_tune] got 0 steps at learning rate 1, expected both above 0");
  EXPECT_EQ(error_of([&] {
              fine_tune({at::ones({2, 3})}, settings(1, 1), loss);
            }),
            "[fine_tune] got a parameter of shape 2x3 that is not a contiguous float32 leaf with a gradient");
  EXPECT_EQ(error_of([&] { fine_tune({x}, settings(1, 1), loss, [] { return 0.0; }); }),
            "[fine_tune] got a validation every 0 steps with a patience of 0, expected both above 0");
}

TEST(FineTune, AWiderModelTakesSmallerSteps) {
  EXPECT_EQ(rate_at_width(1e-3, 64), 1e-3);
  EXPECT_EQ(rate_at_width(1e-3, 128), 1e-3);
  EXPECT_DOUBLE_EQ(rate_at_width(1e-3, 576), 1e-3 * 128 / 576);
}

}  // namespace
}  // namespace fairfight
