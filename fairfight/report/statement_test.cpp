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

/// One challenger, two baselines, and a ruling against the first of them, which is the stronger.
Result duel(Label label, const Estimate& interval) {
  Result result;
  result.fight.metric = {"auroc", "AUROC", 0.5, 1};
  result.contestants.resize(3);
  result.contestants[0].name = "sae";
  result.contestants[0].title = "dictionary's reconstruction error";
  result.contestants[0].role = Role::challenger;
  result.contestants[1].name = result.contestants[1].title = "perplexity";
  result.contestants[1].score.mean.value = 0.8;
  result.contestants[2].name = result.contestants[2].title = "knn";
  result.contestants[2].score.mean.value = 0.7;
  result.verdict.margin = 0.02;
  result.verdict.ruling = {"sae", label, label == Label::beats, label <= Label::competitive, "perplexity", interval};
  result.ledger.amortisation = {{0, result.verdict.ruling, 0, false}, {0.1, result.verdict.ruling, 0, false}};
  result.necessity.challenger = "sae";
  return result;
}

TEST(Statement, Loses) {
  Result result = duel(Label::loses, {-0.132, -0.15, -0.114});
  EXPECT_EQ(verdict_sentence(result),
            "LOSES: the dictionary's reconstruction error scores 0.132 AUROC below perplexity, the strongest baseline (90 % "
            "interval −0.150 to −0.114; dictionary charged at 10 %).");
  result.verdict.ruling.against = "knn";
  EXPECT_THAT(verdict_sentence(result), HasSubstr("below knn, the baseline that was best on validation (90 %"));
}

TEST(Statement, Beats) {
  EXPECT_EQ(verdict_sentence(duel(Label::beats, {0.05, 0.03, 0.07})),
            "BEATS: the dictionary's reconstruction error leads every baseline; it scores 0.050 AUROC above perplexity, the "
            "one that comes closest (90 % interval +0.030 to +0.070; dictionary charged at 10 %).");
}

TEST(Statement, CompetitiveNamesTheMargin) {
  EXPECT_EQ(
      verdict_sentence(duel(Label::competitive, {-0.004, -0.015, 0.007})),
      "COMPETITIVE: the dictionary's reconstruction error is behind no baseline by more than the margin of 0.020, and "
      "does not lead them all; it scores 0.004 AUROC below perplexity, the strongest baseline (90 % interval −0.015 to "
      "+0.007; dictionary charged at 10 %).");
}

TEST(Statement, InconclusiveSaysWhy) {
  Result result = duel(Label::inconclusive, {0.0002, -0.04, 0.04});
  EXPECT_EQ(
      verdict_sentence(result),
      "INCONCLUSIVE: the interval is too wide to tell; the dictionary's reconstruction error scores level with "
      "perplexity, the strongest baseline (90 % interval −0.040 to +0.040, with a margin of 0.020; dictionary charged at "
      "10 %).");
  result.contestants[2].under_tuned = "2 of 8 trials fitted";
  EXPECT_EQ(
      verdict_sentence(result),
      "INCONCLUSIVE: knn was under-tuned (2 of 8 trials fitted), so no label would be fair; as it stands the dictionary's "
      "reconstruction error scores level with perplexity (90 % interval −0.040 to +0.040; dictionary charged at 10 %).");
  result.contestants[0].under_tuned = "its best setting was the largest";
  EXPECT_THAT(verdict_sentence(result), HasSubstr("the dictionary's reconstruction error and knn were under-tuned, so"));
}

TEST(Statement, AnUnderTunedReferenceOrRivalDecidesNothing) {
  Result result = duel(Label::inconclusive, {0, -0.04, 0.04});
  result.contestants[2].under_tuned = "no";
  result.contestants[2].role = Role::reference;
  EXPECT_THAT(verdict_sentence(result), Not(HasSubstr("under-tuned")));
}

/// The same by a metric that says what a contestant does.
Result repair(Label label, const Estimate& interval) {
  Result result = duel(label, interval);
  result.fight.metric = {"removed", "u", 0, 1};
  result.fight.metric.says = "removes {} of the insult";
  result.contestants[0].title = "zero clamp";
  result.contestants[0].score.mean.value = 0.93;
  result.contestants[1].title = "fine-tuning";
  return result;
}

TEST(Statement, AMetricSaysWhatIsDone) {
  EXPECT_EQ(
      verdict_sentence(repair(Label::loses, {-0.05, -0.07, -0.03})),
      "LOSES: zero clamp removes 0.930 of the insult, 0.050 less than fine-tuning, the strongest baseline (90 % interval "
      "−0.070 to −0.030; dictionary charged at 10 %).");
  EXPECT_EQ(
      verdict_sentence(repair(Label::beats, {0.05, 0.03, 0.07})),
      "BEATS: zero clamp leads every baseline; it removes 0.930 of the insult, 0.050 more than fine-tuning, the one that "
      "comes closest (90 % interval +0.030 to +0.070; dictionary charged at 10 %).");
  EXPECT_THAT(verdict_sentence(repair(Label::competitive, {0.0001, -0.01, 0.01})),
              HasSubstr("; it removes 0.930 of the insult, as much as fine-tuning, the strongest baseline (90 %"));
  EXPECT_THAT(verdict_sentence(repair(Label::inconclusive, {-0.05, -0.2, 0.1})),
              HasSubstr("too wide to tell; zero clamp removes 0.930 of the insult, 0.050 less than fine-tuning,"));
  Result bread = repair(Label::loses, {-0.05, -0.07, -0.03});
  bread.fight.metric.says = "raises the dough by {}";
  EXPECT_THAT(verdict_sentence(bread), HasSubstr("zero clamp raises the dough by 0.930, 0.050 less than fine-tuning"));
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
            "LOSES: the dictionary's reconstruction error never got to fight: with its dictionary charged at 10 % not one "
            "trial fits the budget of 2.00 T FLOPs.");
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
