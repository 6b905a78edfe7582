#include "fairfight/disciplines/detect/score.h"

#include <gtest/gtest.h>

#include <cmath>

#include "fairfight/base/error.h"
#include "fairfight/base/not_finite.h"
#include "fairfight/base/statistics.h"

namespace fairfight {
namespace {

using Label = Result::Label;

const FightInfo kInfo{"test", "A test", "Who?", "T3", "detector", Metric::auroc()};

std::vector<double> normals(size_t n, double mean, const std::string& stream) {
  Random random(1, stream);
  std::vector<double> x(n);
  for (auto& v : x) v = mean + random.normal();
  return x;
}

const SearchSpace kSpace = SearchSpace().hyperparameter("aggregation", {"max", "mean"});

/// Two trials, the second one better on validation and chosen; `skill` is the distance of the anomalies' mean from the clean one.
Run a_run(double skill, const std::string& stream) {
  Run run;
  run.trials = {{Settings(Json{{"aggregation", "max"}}), {0.6}, 50}, {Settings(Json{{"aggregation", "mean"}}), {0.6 + skill / 10}, 100}};
  run.chosen.fill(1);
  run.scores[1] = {{"clean", normals(150, 0, stream + "/clean")},
                   {"far", normals(150, 2 * skill, stream + "/far")},
                   {"near", normals(150, skill, stream + "/near")},
                   {"calibration", normals(200, 0, stream + "/calibration")}};
  run.ledger.work.flops = 100;
  run.ledger.trials = 2;
  return run;
}

/// Three organisms, two dictionary seeds: the challengers `strong` and `feeble`, the baselines `weak` and `twin`, who scores as
/// the strong one does with its first dictionary.
struct Setting {
  Card card;
  std::vector<ContestantInfo> contestants{{"feeble", "Feeble", "", Role::challenger, kSpace},
                                          {"strong", "Strong", "", Role::challenger, kSpace},
                                          {"weak", "Weak", "", Role::baseline, kSpace}};
  std::vector<std::optional<Calibration>> calibrations{std::nullopt, std::nullopt, Calibration{0.9, 0.9, 0}};
  std::vector<Basis> bases{{"topk", "the dictionary"}, {"pca", "PCA axes", true, false}, {"kmeans", "k-means", false, true}};
  std::vector<Result::Family> families{{"far", "f"}, {"near", "n"}};
  std::vector<RoundOutcome> outcomes;

  Setting() {
    card.seeds = {0, 1, 2};
    card.models = {"a", "b", "c"};
    card.dictionary_seeds = {0, 1};
    card.sites = {{Point::resid_post, 0}};
    card.resamples = 200;
    card.trials = 2;
    for (int64_t seed : card.seeds) {
      const auto stream = std::to_string(seed);
      RoundOutcome o;
      o.model = {"m", seed, std::string(64, 'a'), Json::object()};
      o.dictionary_flops = 1000;
      for (int64_t d : card.dictionary_seeds) {
        o.dictionaries.emplace_back();
        o.dictionaries.back().seed = seed;
        o.dictionaries.back().dictionary_seed = d;
        o.dictionaries.back().site = card.sites[0].name();
      }
      for (const auto& b : bases) o.bases[b.name] = {0.1, 8};
      const auto runs = [&](double skill, const std::string& name, size_t n) {
        std::vector<Run> list;
        for (size_t i = 0; i < n; ++i) list.push_back(a_run(skill, stream + name + std::to_string(i)));
        return list;
      };
      for (size_t c = 0; c < 2; ++c) {
        const std::string name = contestants[c].name;
        o.entries.push_back({c, "topk", runs(c == 1 ? 1.5 : 0.1, name, 2)});
        o.entries.push_back({c, "pca", runs(0.2, name + "pca", 1)});
        o.entries.push_back({c, "kmeans", runs(c == 1 ? 1.5 : 0.1, name, 2)});  // as good as the dictionary, item by item
      }
      o.entries.push_back({2, "", runs(0.2, "weak", 1)});
      outcomes.push_back(std::move(o));
    }
  }

  void add_twin() {
    contestants.push_back({"twin", "Twin", "", Role::baseline, kSpace});
    calibrations.push_back(std::nullopt);
    for (auto& o : outcomes) o.entries.push_back({3, "", {a_run(1.5, std::to_string(o.model.seed) + "strong0")}});
  }

  Result judge() const {
    const Result::Registration registration{"cards/x.toml", std::string(64, 'b'), std::string(64, 'c')};
    const Contest contest{kInfo, card, contestants, calibrations, bases, families, outcomes, registration, Cases::planted};
    Result r = judge_contest(contest, no_tick);
    r.sections.push_back(detection_section(contest));
    r.timing.started = "now";
    return r;
  }
};

TEST(Detection, TheBestOnValidationStandsForTheDictionaryAndBeatsAWeakBaseline) {
  const Result r = Setting().judge();
  EXPECT_EQ(r.verdict.ruling.challenger, "strong");
  EXPECT_EQ(r.verdict.ruling.label, Label::beats);
  EXPECT_TRUE(r.verdict.ruling.beats && r.verdict.ruling.competitive);
  EXPECT_EQ(r.verdict.ruling.against, "weak");
  EXPECT_GT(r.verdict.ruling.interval.low, 0);
  EXPECT_EQ(r.verdict.margin, 0.025);
  ASSERT_EQ(r.verdict.all.size(), 2u);
  EXPECT_NE(r.verdict.all[0].label, Label::beats);  // the feeble one
  EXPECT_EQ(r.tier.value, 3);
  EXPECT_EQ(Result::from_json(r.to_json()), r);
}

TEST(Detection, NobodyBeatsItsTwin) {
  Setting s;
  s.add_twin();
  const Result r = s.judge();
  EXPECT_FALSE(r.verdict.ruling.beats);
  EXPECT_EQ(r.verdict.ruling.against, "twin");
}

TEST(Detection, AFusionCountsForTheMarginalValueAlone) {
  Setting with;
  with.contestants.push_back({"fused", "Fused", "", Role::fusion, kSpace});
  with.calibrations.push_back(std::nullopt);
  for (auto& o : with.outcomes) o.entries.push_back({3, "topk", {a_run(3, std::to_string(o.model.seed) + "fused0"), a_run(3, std::to_string(o.model.seed) + "fused1")}});
  const Result r = with.judge(), without = Setting().judge();
  EXPECT_EQ(r.verdict.ruling.interval, without.verdict.ruling.interval);
  EXPECT_EQ(r.verdict.challengers, without.verdict.challengers);
  EXPECT_EQ(r.verdict.baselines, without.verdict.baselines);
  EXPECT_EQ(r.verdict.all.size(), without.verdict.all.size());
  EXPECT_GT(r.verdict.marginal.value, without.verdict.marginal.value + 0.05);
  EXPECT_EQ(r.contestant("fused").runs.size(), 6u);  // one a model and dictionary
  EXPECT_GT(r.contestant("fused").ledger.charged_flops.at_100, r.contestant("weak").ledger.charged_flops.at_100 + 5000);  // who pays for the dictionaries, too
  EXPECT_EQ(Result::from_json(r.to_json()), r);
}

TEST(Detection, ScoresAreMeansOverSeedsAndAgreeWithTheRuns) {
  const Result r = Setting().judge();
  for (const auto& c : r.contestants) {
    double mean = 0;
    for (const auto& run : c.runs) mean += run.mean / double(c.runs.size());
    EXPECT_NEAR(c.score.mean.value, mean, 1e-12) << c.name;
    EXPECT_EQ(c.runs.size(), c.challenger() ? 6u : 3u);
  }
  const auto& strong = r.contestant("strong");
  EXPECT_NEAR(strong.runs[0].families[1], auroc(normals(150, 0, "0strong0/clean"), normals(150, 1.5, "0strong0/near")), 1e-12);
  EXPECT_NEAR(r.difference("strong", "weak").score.mean.value, strong.score.mean.value - r.contestant("weak").score.mean.value, 1e-12);
}

TEST(Detection, AnAurocsIntervalStaysInsideOfItsRange) {
  Setting s;
  for (auto& o : s.outcomes)  // nearly perfect: the interval of the mean reaches beyond 1
    for (auto& run : o.entries.back().runs) {
      run.scores[1]["far"] = normals(150, 20, "perfect");
      if (o.model.seed == 0) run.scores[1]["far"][0] = -20;
    }
  const Estimate far = s.judge().contestant("weak").score.families[0];
  EXPECT_NEAR(far.value, 449.0 / 450, 1e-12);
  EXPECT_EQ(far.high, 1);
  EXPECT_LT(far.low, far.value);
}

TEST(Detection, ABasisThatDoesAsWellDeniesNecessityOnlyWhereItIsRequired) {
  Setting s;
  Result r = s.judge();
  EXPECT_TRUE(r.necessity.passed);  // PCA is far behind; k-means does as well, but is not required
  ASSERT_EQ(r.necessity.controls.size(), 4u);
  EXPECT_EQ(r.necessity.controls[0].challenger, "strong");
  EXPECT_TRUE(r.necessity.controls[0].beaten);
  EXPECT_FALSE(r.necessity.controls[1].beaten);
  EXPECT_EQ(r.necessity.controls[1].difference.value, 0);
  s.bases[2].required = true;
  EXPECT_FALSE(s.judge().necessity.passed);
}

TEST(Detection, AnUnderTunedBaselineSettlesNothing) {
  Setting s;
  s.calibrations[2] = Calibration{0.7, 0.9, 0.01};
  const Result r = s.judge();
  EXPECT_EQ(r.verdict.ruling.label, Label::inconclusive);
  EXPECT_FALSE(r.contestant("weak").under_tuned.empty());
  EXPECT_EQ(r.tier.value, 2);

  Setting hungry;
  hungry.outcomes[1].entries.back().runs[0].trials[1].flops = 1000;
  hungry.card.budget_flops = 500;
  EXPECT_NE(hungry.judge().contestant("weak").under_tuned.find("1 of 2"), std::string::npos);
}

TEST(Detection, WhatTheBudgetDoesNotPayForHasNoSkill) {
  Setting s;
  s.card.budget_flops = 500;  // 10 % of the dictionary fits, all of it does not
  for (auto& o : s.outcomes)
    for (auto& e : o.entries)
      for (auto& run : e.runs)
        if (s.contestants[e.contestant].role == Role::challenger) run.chosen[2] = std::nullopt;
  const Result r = s.judge();
  EXPECT_EQ(r.verdict.ruling.label, Label::beats);
  ASSERT_EQ(r.ledger.amortisation.size(), 3u);
  EXPECT_FALSE(r.ledger.amortisation[1].over_budget);
  EXPECT_TRUE(r.ledger.amortisation[2].over_budget);
  EXPECT_EQ(r.ledger.amortisation[2].ruling.label, Label::loses);
  EXPECT_EQ(r.ledger.amortisation[2].challenger_flops, 1200);
}

TEST(Detection, SecondaryMetricsKeepTheirPromise) {
  const Result r = Setting().judge();
  const auto* reported = r.section_as<Section::Table>("secondary");
  ASSERT_TRUE(reported);
  const auto &feeble = reported->rows[0].cells, &strong = reported->rows[1].cells;
  EXPECT_GT(strong[0]->value, feeble[0]->value);
  for (size_t i = 2; i < strong.size(); ++i)
    EXPECT_NEAR(strong[i]->value, *reported->columns[i].ideal, 0.03);  // conformal thresholds from 200 items, on 150 others, six times
}

TEST(Detection, TheTuningCurveStartsAtTheMeanOfTheTrials) {
  const Result r = Setting().judge();
  const auto* curves = r.section_as<Section::Curves>(kTuning);
  ASSERT_TRUE(curves);
  EXPECT_EQ(curves->at, (std::vector<double>{1, 2}));
  const auto& strong = curves->lines[1].values;
  EXPECT_NEAR(strong[0].value, 0.6 + 0.75 / 10, 1e-12);
  EXPECT_GT(strong[1].value, strong[0].value);
}

/// On validation the trial does not count (Referee::tune); what was chosen and fails on the test alone has no skill there.
TEST(MeanAuroc, WhatIsNoNumberHasNone) {
  const ItemScores scores{{"clean", {0, 1}}, {"far", {2, NAN}}};
  EXPECT_THROW(mean_auroc(scores), NotFinite);
  EXPECT_DOUBLE_EQ(mean_auroc(or_no_skill(scores)), 0.5);
  EXPECT_DOUBLE_EQ(mean_auroc(or_no_skill({{"clean", {0, 1}}, {"far", {2, 3}}})), 1);
}

TEST(MeanAuroc, LeavesTheCalibrationOut) {
  EXPECT_DOUBLE_EQ(mean_auroc({{"clean", {0, 1}}, {"far", {2, 3}}, {"near", {0, 1}}, {"calibration", {-9}}}), 0.75);
  EXPECT_DOUBLE_EQ(mean_auroc({{"clean", {0, 1}}, {"clean/near", {2, 3}}, {"far", {2, 3}}, {"near", {0, 1}}}), 0.5);  // a family's own clean items
  EXPECT_THROW(mean_auroc({{"clean", {0, 1}}}), Error);
}

}  // namespace
}  // namespace fairfight
