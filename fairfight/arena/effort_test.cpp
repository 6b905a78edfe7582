#include "fairfight/arena/effort.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fairfight {
namespace {

using testing::HasSubstr;

constexpr int64_t kFlops = 100;  // of a trial

/// Trials with these validation scores, and as settings their numbers along a range from 1 to 100; negative: forbidden.
Run a_run(const std::vector<double>& scores, const std::vector<double>& places = {}) {
  Run run;
  for (size_t i = 0; i < scores.size(); ++i) {
    Trial trial{Settings(Json{{"rate", places.empty() ? 10 : places[i]}}), {std::abs(scores[i])}, int64_t(i + 1) * kFlops};
    trial.validation.allowed = scores[i] >= 0;
    run.trials.push_back(trial);
  }
  for (size_t share = 0; share < kShares.size(); ++share) run.chosen[share] = best_trial(run.trials, 0, 0);
  return run;
}

/// A challenger with one dictionary, and two baselines, in each of as many organisms as are added.
struct Setting {
  FightInfo info{"test", "A test", "Who?", "T1", "patch", {{"removed", "removed", 0, 1}}};
  Card card;
  SearchSpace space = SearchSpace().log_uniform("rate", 1, 100);
  std::vector<ContestantInfo> contestants{{"clamp", "", "", Role::challenger, space}, {"npo", "", "", Role::baseline, space}, {"dpo", "", "", Role::baseline, space}};
  std::vector<std::optional<Calibration>> calibrations = std::vector<std::optional<Calibration>>(3);
  std::vector<Basis> bases{{"topk", "the dictionary"}};
  std::vector<Result::Family> families{{"insult", "i"}};
  std::vector<RoundOutcome> outcomes;

  Setting() {
    card.trials = 4;
    card.margin = 0.05;
    card.budget_flops = 0;
  }
  Setting& organism(Run challenger, Run first, Run second) {
    RoundOutcome o;
    o.dictionary_flops = 1000;
    o.entries = {{0, "topk", {std::move(challenger)}}, {1, "", {std::move(first)}}, {2, "", {std::move(second)}}};
    outcomes.push_back(std::move(o));
    return *this;
  }
  Contest contest() const { return {info, card, contestants, calibrations, bases, families, outcomes, {}, Cases::planted}; }
};

const Run kFlat = a_run({0.8, 0.8, 0.8, 0.8});

TEST(Effort, WhoWasTunedWellIsNotUnderTuned) {
  Setting s;
  s.organism(kFlat, kFlat, kFlat);
  EXPECT_EQ(under_tuned(s.contest(), 1).why, "");
  EXPECT_EQ(might_gain(s.contest(), Role::baseline), 0);
}

TEST(Effort, ARisingCurveIsUnfinished) {
  Setting s;
  s.organism(kFlat, a_run({0, 0, 0, 0.8}), a_run({0.5, 0.5, 0.5, 0.5}));
  const auto tuning = under_tuned(s.contest(), 1);
  EXPECT_THAT(tuning.why, HasSubstr("the last half of its trials still brought"));
  const double expected = 0.8 * (1 - std::pow(0.75, 4)) - 0.8 * (1 - std::pow(0.75, 2));  // one of four draws has 0.8
  EXPECT_NEAR(tuning.gain, expected, 1e-9);
  EXPECT_NEAR(might_gain(s.contest(), Role::baseline), expected, 1e-9);
  s.contestants[1].space = SearchSpace().hyperparameter("rate", {10, 20, 30, 40}, Ends::natural);  // was tried whole
  EXPECT_EQ(under_tuned(s.contest(), 1).why, "");
}

TEST(Effort, AWinnerAtTheEndOfItsRangeMightGainTheMargin) {
  const fairfight::Run at_end = a_run({0.7, 0.8, 0.79, 0.8}, {10, 100, 20, 30}), inside = a_run({0.7, 0.8, 0.79, 0.8}, {10, 50, 20, 30});
  Setting s;
  s.organism(kFlat, at_end, kFlat).organism(kFlat, at_end, kFlat).organism(kFlat, inside, kFlat);
  EXPECT_THAT(under_tuned(s.contest(), 1).why, HasSubstr("its choice of rate stands at the end of what was tried"));
  EXPECT_NEAR(might_gain(s.contest(), Role::baseline), 0.05, 1e-9);
  Setting mostly_inside;
  mostly_inside.organism(kFlat, at_end, kFlat).organism(kFlat, inside, kFlat).organism(kFlat, inside, kFlat);
  EXPECT_EQ(under_tuned(mostly_inside.contest(), 1).why, "");
}

TEST(Effort, WhatCannotBePutForwardGainsNothing) {
  Setting s;
  s.organism(kFlat, a_run({0.1, 0.2, 0.2, 0.2}, {10, 100, 20, 30}), kFlat);  // far behind the other one
  EXPECT_NE(under_tuned(s.contest(), 1).why, "");
  EXPECT_EQ(might_gain(s.contest(), Role::baseline), 0);
  EXPECT_NEAR(might_gain(s.contest(), alone(s.outcomes, 1, "", kPrimary), {1}), 0.05, 1e-9);
}

TEST(Effort, ForbiddenTrialsSayWhatLimitsCost) {
  Setting s;
  s.organism(kFlat, a_run({-0.9, -0.95, 0.3, -0.6}), kFlat);
  EXPECT_THAT(under_tuned(s.contest(), 1).why, HasSubstr("1 of 4 trials kept to the limits"));
  EXPECT_NEAR(might_gain(s.contest(), Role::baseline), 0.15, 1e-9);
}

TEST(Effort, WhoFallsShortOfItsReferenceCouldBeAnything) {
  Setting s;
  s.organism(kFlat, kFlat, kFlat);
  s.calibrations[2] = Calibration{0.5, 0.9, 0.01};
  EXPECT_NEAR(might_gain(s.contest(), Role::baseline), 0.2, 1e-9);
}

TEST(Effort, ComputeBuysWhatItsTrialsFound) {
  Setting s;
  s.organism(a_run({0.2, 0.9, 0.9, 0.9}), a_run({0.1, 0.1, 0.5, 0.9}), a_run({0, 0, 0, 0}));
  const auto section = compute_section(s.contest());
  ASSERT_TRUE(section);
  const auto& curves = std::get<Section::Curves>(section->body);
  ASSERT_EQ(curves.lines.size(), 4u);
  EXPECT_EQ(curves.at.front(), kFlops);
  EXPECT_EQ(curves.at.back(), 4 * kFlops + 1000);
  const auto at = [&](size_t line, double amount) {
    size_t i = 0;
    while (i + 1 < curves.at.size() && curves.at[i + 1] <= amount) ++i;
    return curves.lines[line].values[i].value;
  };
  EXPECT_EQ(at(0, 110), 0.2);  // nothing charged
  EXPECT_EQ(at(1, 110), 0);    // 10 % of 1000 are charged first
  EXPECT_EQ(at(1, 330), 0.9);
  EXPECT_EQ(at(2, 1000), 0);
  EXPECT_EQ(at(2, 1400), 0.9);
  EXPECT_EQ(at(3, 330), 0.5);
  EXPECT_EQ(at(3, 450), 0.9);
  // 200 FLOPs with it, 400 without: 1000 are worth it from the sixth use on, for after five both cost the same
  EXPECT_THAT(section->caption, HasSubstr("0.900 removed, which both sides reach, costs 400 FLOPs without the dictionary and 200 with it, beside the 1.00 k of its training: the dictionary's side is cheaper from its use number 6 on."));
}

}  // namespace
}  // namespace fairfight
