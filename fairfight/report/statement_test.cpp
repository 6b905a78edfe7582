#include "fairfight/report/statement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fairfight/base/testing.h"
#include "fairfight/report/test_example.h"

namespace fairfight {
namespace {

using Label = Result::Label;
using Role = Result::Role;
using testing::HasSubstr;
using testing::Not;

TEST(Statement, IsTheOneOfTheExample) {
  for (const Result& result : {example_result(), patch_result()}) {
    EXPECT_EQ(verdict_sentence(result), result.verdict.sentence);
    EXPECT_EQ(necessity_sentence(result), result.necessity.sentence);
  }
}

/// Two challengers, two baselines; the portfolios hold mostly the first of each.
Result duel(Label label, const Estimate& interval) {
  Result result;
  result.fight.metric = {"auroc", "AUROC", 0.5, 1};
  result.seeds = {0, 1, 2};
  result.contestants.resize(4);
  const char* titles[] = {"dictionary's reconstruction error", "perplexity", "knn", "rarity"};
  const char* names[] = {"sae", "perplexity", "knn", "rarity"};
  for (size_t i = 0; i < 4; ++i) {
    result.contestants[i].name = names[i];
    result.contestants[i].title = titles[i];
    result.contestants[i].role = i == 0 || i == 3 ? Role::challenger : Role::baseline;
  }
  auto& verdict = result.verdict;
  verdict.margin = 0.02;
  verdict.scope = "on these 3 models";
  verdict.challengers = {0.7, 0.68, 0.72};
  verdict.failures = {1, 0, 3};
  verdict.ruling = {"sae", label, label == Label::beats, label <= Label::competitive, "perplexity", interval};
  result.ledger.amortisation = {{0, verdict.ruling, 0, false}, {0.1, verdict.ruling, 0, false}};
  result.necessity.challenger = "sae";
  return result;
}

constexpr const char* kMade = "mostly the dictionary's reconstruction error against mostly perplexity; dictionary charged at 10 %)";

TEST(Statement, SaysWhatEachSideWouldKeep) {
  EXPECT_EQ(verdict_sentence(duel(Label::loses, {-0.132, -0.15, -0.114})),
            std::string("LOSES: on these 3 models what is best with the dictionary scores 0.700 AUROC, 0.132 less than what is best without it (90 % interval −0.150 to −0.114; ") + kMade + ".");
  EXPECT_EQ(verdict_sentence(duel(Label::beats, {0.05, 0.03, 0.07})),
            std::string("BEATS: on these 3 models what is best with the dictionary scores 0.700 AUROC, 0.050 more than what is best without it (90 % interval +0.030 to +0.070; ") + kMade + ".");
  EXPECT_EQ(verdict_sentence(duel(Label::competitive, {0.0001, -0.015, 0.007})),
            std::string("COMPETITIVE: on these 3 models what is best with the dictionary scores 0.700 AUROC, as much as what is best without it (90 % interval −0.015 to +0.007; ") + kMade +
                "; behind by the margin of 0.020 it is not.");
  EXPECT_THAT(verdict_sentence(duel(Label::inconclusive, {0.0002, -0.04, 0.04})), HasSubstr("INCONCLUSIVE: the interval is too wide to tell, with a margin of 0.020; on these 3 models what"));
}

TEST(Statement, NamesWhoWasUnderTunedWhereThatForbidsTheLabel) {
  Result result = duel(Label::inconclusive, {0.0002, -0.04, 0.04});
  result.contestants[2].under_tuned = "2 of 8 trials fitted";
  EXPECT_THAT(verdict_sentence(result), HasSubstr("too wide to tell"));  // no label was near
  result.verdict.ruling.interval = {0.01, -0.01, 0.03};
  result.verdict.ruling.competitive = true;
  EXPECT_THAT(verdict_sentence(result), HasSubstr("INCONCLUSIVE: knn was under-tuned (2 of 8 trials fitted), so no label would be fair; as it stands, on these 3 models"));
  result.verdict.ruling.competitive = false;
  result.verdict.ruling.interval = {-0.1, -0.2, -0.05};
  EXPECT_THAT(verdict_sentence(result), HasSubstr("too wide to tell"));  // a baseline that might be better saves nobody from losing
  result.contestants[3].under_tuned = "1 of 8 trials were allowed";
  EXPECT_THAT(verdict_sentence(result), HasSubstr("INCONCLUSIVE: rarity was under-tuned (1 of 8 trials were allowed), so"));
  result.contestants[3].role = Role::reference;
  EXPECT_THAT(verdict_sentence(result), Not(HasSubstr("under-tuned")));
}

TEST(Statement, SaysWhatTheNumberHangsOn) {
  Result result = duel(Label::loses, {-0.132, -0.15, -0.114});
  result.verdict.marginal = {0.001, -0.002, 0.004};
  result.verdict.size_matched = {-0.1, -0.12, -0.08};
  result.verdict.champions = {-0.14, -0.16, -0.12};
  EXPECT_EQ(besides_sentence(result),
            "Who has everything gains +0.001 (90 % interval −0.002 to +0.004) by the dictionary. With lists of the same length the difference is −0.100 (90 % interval −0.120 to −0.080), with "
            "one contestant a side, chosen in the other models, −0.140 (90 % interval −0.160 to −0.120). Nearer to no skill than to perfection: with the dictionary 1 of 3 models, without 0 "
            "(which leaves up to 63 %).");
}

/// The same by a metric that says what a contestant does.
TEST(Statement, AMetricSaysWhatIsDone) {
  Result result = duel(Label::loses, {-0.05, -0.07, -0.03});
  result.fight.metric = {"removed", "u", 0, 1};
  result.fight.metric.says = "removes {} of the insult";
  EXPECT_THAT(verdict_sentence(result), HasSubstr("what is best with the dictionary removes 0.700 of the insult, 0.050 less than what is best without it (90 %"));
  result.fight.metric.says = "raises the dough by {}";
  EXPECT_THAT(verdict_sentence(result), HasSubstr("raises the dough by 0.700, 0.050 less than"));
}

TEST(Statement, WhatTenTimesAsMuchIsWorth) {
  const Result result = patch_result();
  Section::Curves doses = *result.section_as<Section::Curves>("doses");
  EXPECT_EQ(slope_sentence(result, doses),
            "Ten times as much of the behaviour is worth +0.009 u to zero clamp (90 % interval +0.003 to +0.015).");
  doses.slopes[0].per_decade.low = -0.001;
  EXPECT_THAT(slope_sentence(result, doses), HasSubstr("+0.015), which may be nothing."));
  doses.slopes.erase(doses.slopes.begin());  // another challenger's are reported in numbers
  EXPECT_EQ(slope_sentence(result, doses), "");
  const Result bakery = bakery_result();
  EXPECT_EQ(slope_sentence(bakery, *bakery.section_as<Section::Curves>("ovens")),
            "A tenfold fire is worth +1.000 crunch to the dictionary's reconstruction error (90 % interval +0.500 to +1.500).");
}

TEST(Statement, TheScaleIsTheMetrics) {
  EXPECT_EQ(scale_of(example_result()), "no skill (0.5) to perfect (1)");
  EXPECT_EQ(scale_of(patch_result()), "the untouched model (0) to one that was trained without the behaviour (1)");
  EXPECT_EQ(scale_of(bakery_result()), "flat bread (0) to a brioche (1)");
}

TEST(Statement, WhoIsOverTheBudgetNeverFought) {
  Result result = duel(Label::loses, {0, 0, 0});
  result.ledger.budget_flops = 2e12;
  result.ledger.amortisation[1].over_budget = true;
  EXPECT_EQ(verdict_sentence(result),
            "LOSES: the dictionary's side never got to fight: with its dictionary charged at 10 % no trial fits the budget of 2.00 T FLOPs.");
}

Result controlled(const std::vector<Result::Control>& controls) {
  Result result = duel(Label::loses, {0, 0, 0});
  result.necessity.controls = controls;
  for (const auto& control : controls) result.necessity.passed = result.necessity.passed || control.beaten;
  return result;
}

TEST(Statement, NecessityNamesTheClosestControl) {
  const Result::Control random{"sae", "random", "random directions", true, 0, 0, {}, {0.1, 0.08, 0.12}, true};
  const Result::Control pca{"sae", "pca", "PCA axes", true, 0, 0, {}, {0.04, 0.01, 0.06}, true};
  const Result::Control free{"sae", "kmeans", "k-means", false, 0, 0, {}, {-0.04, -0.06, -0.01}, false};
  EXPECT_EQ(
      necessity_sentence(controlled({random, pca, free})),
      "The dictionary is needed: the dictionary's reconstruction error is better with it than with random directions and "
      "PCA axes; the closest is PCA axes (dictionary minus control +0.040 AUROC, 90 % interval +0.010 to +0.060).");
}

TEST(Statement, NecessityNamesWhatIsNotBeaten) {
  const Result::Control random{"sae", "random", "random directions", true, 0, 0, {}, {0.01, -0.01, 0.03}, false};
  const Result::Control pca{"sae", "pca", "PCA axes", true, 0, 0, {}, {-0.04, -0.06, -0.01}, false};
  EXPECT_EQ(
      necessity_sentence(controlled({random})),
      "The dictionary is not shown to be needed: the dictionary's reconstruction error is not clearly worse with random "
      "directions in its place (dictionary minus control +0.010 AUROC, 90 % interval −0.010 to +0.030).");
  EXPECT_THAT(necessity_sentence(controlled({random, pca})),
              HasSubstr("with random directions and PCA axes in its place (dictionary minus PCA axes −0.040 AUROC"));
}

TEST(Statement, NecessityWithoutControlsWasNotTested) {
  EXPECT_THAT(necessity_sentence(controlled({})), HasSubstr("was not tested"));
}

TEST(Statement, DropsALabelThatStandsAboveIt) {
  EXPECT_EQ(without_label("LOSES: the dictionary is behind.", Label::loses), "The dictionary is behind.");
  EXPECT_EQ(without_label("LOSES: the dictionary is behind.", Label::beats), "LOSES: the dictionary is behind.");
  EXPECT_EQ(without_label("LOSES: ", Label::loses), "");
}

TEST(Statement, EveryLabelHasAMeaning) {
  const Result result = example_result();
  EXPECT_THAT(label_meaning(result, Label::competitive), HasSubstr("0.020"));
  for (const Label label : {Label::beats, Label::inconclusive, Label::loses})
    EXPECT_FALSE(label_meaning(result, label).empty());
}

TEST(Statement, CountsTheSinks) {
  Result result = example_result();
  EXPECT_EQ(sinks_sentence(result), "");
  const std::string site = result.fight.sites[0];
  result.models[0].sinks = {{site, 3108, 12, 160, 1600, 500, 3}};
  result.models[1].sinks = {{site, 3000, 0, 150, 1500}};
  EXPECT_EQ(sinks_sentence(result), "12 of 6,108 rows of clean text with more than 10 times the median norm (attention sinks) are left out, and so are 3 of 500 of the test.");
  EXPECT_EQ(Result::from_json(result.to_json()), result);
  result.models[0].sinks[0].left_out = 0;
  EXPECT_EQ(sinks_sentence(result), "None of 6,108 rows of clean text has more than 10 times the median norm (an attention sink), so no row is left out anywhere.");
  result.models[0].sinks[0].left_out = 3109;
  EXPECT_THAT(error_of([&] { result.check(); }), HasSubstr("3109 sinks of 3108 rows"));
  result.models[0].sinks[0].site = "blocks.9.hook_resid_post";
  EXPECT_THAT(error_of([&] { result.check(); }), HasSubstr("expected one of the fight's"));
}

TEST(Statement, WhoHandsNothingInNeedsNoDictionary) {
  Result result = example_result();
  for (auto& contestant : result.contestants)
    for (auto& run : contestant.runs) run.nothing = true;
  EXPECT_THAT(necessity_sentence(result), HasSubstr("handed nothing in"));
}

TEST(Statement, ScoresBeyondTheScaleAreExplained) {
  Result result = duel(Label::loses, {0, 0, 0});
  for (auto& contestant : result.contestants) contestant.score.mean.value = 0.7;
  result.fight.metric.below = "worse than a coin";
  EXPECT_EQ(beyond_scale_sentence(result), "");
  result.contestants[2].score.families = {{0.4, 0.3, 0.5}};
  EXPECT_EQ(beyond_scale_sentence(result), "A score below 0.5: worse than a coin.");
  result.contestants[1].score.mean.value = 1.1;  // where the metric has no words, nothing is said
  EXPECT_EQ(beyond_scale_sentence(result), "A score below 0.5: worse than a coin.");
  result.fight.metric.above = "better than an oracle";
  EXPECT_EQ(beyond_scale_sentence(result), "A score below 0.5: worse than a coin. A score above 1: better than an oracle.");
  result.contestants[1].score.mean.value = 0.7;
  result.contestants[2].runs.resize(1);
  result.contestants[2].runs[0].nothing = true;
  EXPECT_EQ(beyond_scale_sentence(result), "A dash: it handed nothing in, for none of its trials was allowed and paid for; it counts as no skill.");
  result.fight.metric.of_no_skill = "flat bread";
  EXPECT_THAT(beyond_scale_sentence(result), HasSubstr("it counts as flat bread."));
}

}  // namespace
}  // namespace fairfight
