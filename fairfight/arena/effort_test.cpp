#include "fairfight/arena/effort.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fairfight {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
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
  EXPECT_EQ(might_gain(s.contest(), Role::baseline), std::vector<double>{0});
}

TEST(Effort, ARisingCurveIsUnfinished) {
  Setting s;
  s.organism(kFlat, a_run({0, 0, 0, 0.5}), a_run({0.5, 0.5, 0.5, 0.5}));
  const auto tuning = under_tuned(s.contest(), 1);
  EXPECT_THAT(tuning.why, HasSubstr("the last half of its trials still brought"));
  const double expected = 0.5 - 0.5 / 2;  // half of all pairs have it
  EXPECT_NEAR(tuning.gain, expected, 1e-9);
  EXPECT_NEAR(might_gain(s.contest(), Role::baseline)[0], expected, 1e-9);
  s.contestants[1].space = SearchSpace().hyperparameter("rate", {10, 20, 30, 40}, Ends::natural);  // was tried whole
  EXPECT_EQ(under_tuned(s.contest(), 1).why, "");
}

TEST(Effort, AWinnerAtTheEndOfItsRangeMightGainTheMargin) {
  const fairfight::Run at_end = a_run({0.7, 0.8, 0.79, 0.8}, {10, 100, 20, 30}), inside = a_run({0.7, 0.8, 0.79, 0.8}, {10, 50, 20, 30});
  Setting s;
  s.organism(kFlat, at_end, kFlat).organism(kFlat, at_end, kFlat).organism(kFlat, inside, kFlat);
  EXPECT_THAT(under_tuned(s.contest(), 1).why, HasSubstr("its choice of rate stands at the end of what was tried"));
  EXPECT_THAT(might_gain(s.contest(), Role::baseline), ElementsAre(DoubleNear(0.05, 1e-9), DoubleNear(0.05, 1e-9), DoubleNear(0.05, 1e-9)));
  Setting mostly_inside;
  mostly_inside.organism(kFlat, at_end, kFlat).organism(kFlat, inside, kFlat).organism(kFlat, inside, kFlat);
  EXPECT_EQ(under_tuned(mostly_inside.contest(), 1).why, "");
}

TEST(Effort, WhatCannotBePutForwardGainsNothing) {
  Setting s;
  s.organism(kFlat, a_run({0.1, 0.2, 0.2, 0.2}, {10, 100, 20, 30}), kFlat);  // far behind the other one
  EXPECT_NE(under_tuned(s.contest(), 1).why, "");
  EXPECT_EQ(might_gain(s.contest(), Role::baseline), std::vector<double>{0});
  EXPECT_NEAR(might_gain(s.contest(), alone(s.outcomes, 1, "", kPrimary), {1})[0], 0.05, 1e-9);
}

TEST(Effort, ForbiddenTrialsSayWhatLimitsCost) {
  Setting s;
  s.organism(kFlat, a_run({-0.9, -0.95, 0.3, -0.6}), kFlat);
  EXPECT_THAT(under_tuned(s.contest(), 1).why, HasSubstr("1 of 4 trials kept to the limits"));
  EXPECT_NEAR(might_gain(s.contest(), Role::baseline)[0], 0.15, 1e-9);
}

TEST(Effort, ForbiddenTrialsCountWhereTheyCutSomethingOff) {
  const fairfight::Run cut = a_run({-0.95, -0.95, 0.3, -0.6}), whole = a_run({-0.95, 0.3, 0.3, 0.3});
  Setting s;
  s.organism(kFlat, cut, kFlat).organism(kFlat, whole, kFlat);
  EXPECT_TRUE(under_tuned(s.contest(), 1).cut);
  EXPECT_THAT(might_gain(s.contest(), Role::baseline), ElementsAre(DoubleNear(0.15, 1e-9), 0));
  Setting seeds;  // of three dictionaries one: not the contestant, that dictionary
  seeds.organism(kFlat, kFlat, kFlat);
  seeds.outcomes[0].entries[0].runs = {cut, whole, whole};
  EXPECT_FALSE(under_tuned(seeds.contest(), 0).cut);
  seeds.outcomes[0].entries[0].runs = {cut, cut, whole};
  EXPECT_TRUE(under_tuned(seeds.contest(), 0).cut);
}

TEST(Effort, ASideThatHasNothingAllowedHasFailedWithManyTrialsAlone) {
  const auto might = [](size_t trials) {
    const auto forbidden = a_run(std::vector<double>(trials, -0.9));
    Setting s;
    s.card.trials = int64_t(trials);
    s.organism(kFlat, forbidden, forbidden);
    return might_gain(s.contest(), Role::baseline)[0];
  };
  EXPECT_NEAR(might(4), 0.9, 1e-9);
  EXPECT_EQ(might(20), 0);
}

TEST(Effort, AllReasonsCountNotTheFirstAlone) {
  Setting s;
  s.organism(kFlat, a_run({-0.3, -0.3, 0.8, -0.3}), kFlat);  // what was cut off was poor; one trial in four has all that it found
  const auto tuning = under_tuned(s.contest(), 1);
  EXPECT_TRUE(tuning.cut);
  EXPECT_NEAR(tuning.gain, 0.4, 1e-9);
  EXPECT_NEAR(might_gain(s.contest(), Role::baseline)[0], 0.2, 1e-9);  // up to perfection
}

TEST(Effort, OneEndIsNotBothAndFewValuesStandAtOneByChance) {
  const auto at = [](double place) { return a_run({0.8, 0.8, 0.8, 0.8}, {place, place, place, place}); };
  Setting both;
  both.organism(kFlat, at(1), kFlat).organism(kFlat, at(100), kFlat).organism(kFlat, at(100), kFlat).organism(kFlat, at(1), kFlat);
  EXPECT_EQ(under_tuned(both.contest(), 1).why, "");
  Setting few;
  few.contestants[1].space = SearchSpace().hyperparameter("rate", {1, 10, 100}).log_uniform("other", 1, 2);
  few.organism(kFlat, at(100), kFlat).organism(kFlat, at(100), kFlat).organism(kFlat, at(10), kFlat);
  for (auto& o : few.outcomes)
    for (auto& run : o.entries[1].runs)
      for (auto& trial : run.trials) trial.settings = Settings(Json{{"rate", trial.settings.json()["rate"]}, {"other", 1.5}});
  EXPECT_EQ(under_tuned(few.contest(), 1).why, "");  // two of three: 26 % by chance
  few.outcomes[2].entries[1] = few.outcomes[1].entries[1];
  EXPECT_NE(under_tuned(few.contest(), 1).why, "");
}

TEST(Effort, UnderAThreatItCountsWhatIsLeft) {
  Setting s;
  fairfight::Run hook = a_run({0.9, 0.9, -0.95, -0.95}), weights = hook;  // two trials of four: cut
  hook.attacked["stolen"] = {0, {}, true};
  weights.attacked["stolen"] = {0.1, {}, false};
  fairfight::Run other = kFlat;
  other.attacked["stolen"] = {0.3, {}, false};
  s.organism(hook, weights, other);
  EXPECT_NEAR(might_gain(s.contest(), Role::baseline, kPrimary, "stolen")[0], 0.95 - 0.3, 1e-9);  // as good as a forbidden one was at most
  EXPECT_EQ(might_gain(s.contest(), Role::challenger, kPrimary, "stolen")[0], 0);                 // no tuning makes weights of a hook
  EXPECT_NEAR(might_gain(s.contest(), Role::challenger)[0], 0.1, 1e-9);                           // with half of its trials it found 0.15 less
}

TEST(Effort, WhoFallsShortOfItsReferenceCouldBeAnything) {
  Setting s;
  s.organism(kFlat, kFlat, kFlat);
  s.calibrations[2] = Calibration{0.5, 0.9, 0.01};
  EXPECT_NEAR(might_gain(s.contest(), Role::baseline)[0], 0.2, 1e-9);
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
