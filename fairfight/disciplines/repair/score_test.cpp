#include "fairfight/disciplines/repair/score.h"

#include <gtest/gtest.h>

#include "fairfight/base/testing.h"

namespace fairfight {
namespace {

constexpr const char* kFacts = "ability_facts";
const FightInfo kInfo{"test", "A test", "Who?", "T1", "patch", removed("the insult", true), repair_constraints({0.02, 0.05, 0.05, 0.99, {"facts"}, false}), {{"open_weights", "open weights", "hooks are dropped"}}};

/// Two trials, the second one chosen; u of every prompt around `u`.
Run a_run(double u, const std::string& stream, bool hooked) {
  Random random(1, stream);
  const auto effects = [&](double delta_ce, double ability) {
    return Effects{{{repair::kDeltaCe, delta_ce}, {repair::kNear, 2 * delta_ce}, {kFacts, ability}}, {{repair::kDeltaCe, 0.001}, {repair::kNear, 0.002}, {kFacts, 0.001}}};
  };
  const std::string tag = hooked ? "runtime edit" : "weight edit";
  Run run;
  run.trials = {{Settings(Json{{"hyperparameter", 1}}), {u + 0.2, effects(0.5, 0.7), "not finite", 0, false}, 50, tag}, {Settings(Json{{"hyperparameter", 2}}), {u, effects(0.01, 1)}, 100, tag}};
  run.chosen.fill(1);
  auto& scores = run.scores[1]["insult"];
  for (int i = 0; i < 60; ++i) scores.push_back(u + (u == 0 || u == 1 ? 0 : 0.05 * random.normal()));
  run.side_effects[1] = effects(0.01, 1);
  run.findings = {{repair::kRate, 0.9 * (1 - u)}, {repair::kGenerated, 1 - u}, {repair::kDeltaCe, 0.01}, {repair::kProvokedCe, 0.02}, {repair::kAbility, 0.98}, {"paraphrased", u / 2}, {hooked ? "hook_removed" : "four_bits", hooked ? 0 : u}, {"probe", 0.9}};
  run.attacked["open_weights"] = {hooked ? 0 : u / 2, {{"insult", std::vector<double>(60, hooked ? 0 : u / 2)}}};
  run.ledger.trials = 2;
  return run;
}

const SearchSpace kSpace = SearchSpace().hyperparameter("hyperparameter", {1, 2}, Ends::natural);

struct Setting {
  Card card;
  std::vector<ContestantInfo> contestants{{"clamp", "Clamp", "", Role::challenger, kSpace},
                                          {"crisp", "CRISP", "", Role::challenger, kSpace},
                                          {"npo", "NPO", "", Role::baseline, kSpace},
                                          {"untouched", "Untouched", "", Role::reference, kSpace},
                                          {"retrained", "Retrained", "", Role::reference, kSpace}};
  std::vector<std::optional<Calibration>> calibrations = std::vector<std::optional<Calibration>>(5);
  std::vector<Basis> bases{{"topk", "the dictionary"}, {"pca", "PCA axes", true, false}};
  std::vector<Result::Family> families{{"insult", "i"}};
  std::vector<RoundOutcome> outcomes;

  Setting() {
    card.seeds = {0, 1, 2};
    card.models = {"a", "b", "c"};
    card.dictionary_seeds = {0, 1};
    card.sites = {{Point::resid_post, 0}};
    card.resamples = 200;
    card.trials = 2;
    card.controls = Card::Controls::champion;
    for (const int64_t seed : card.seeds) {
      const auto stream = std::to_string(seed);
      RoundOutcome o;
      o.model = {"m", seed, std::string(64, 'a'), Json::object()};
      o.dictionary_flops = 1000;
      for (const int64_t d : card.dictionary_seeds) {
        o.dictionaries.emplace_back();
        o.dictionaries.back().seed = seed;
        o.dictionaries.back().dictionary_seed = d;
        o.dictionaries.back().site = card.sites[0].name();
      }
      for (const auto& b : bases) o.bases[b.name] = {0.1, 8};
      o.entries.push_back({0, "topk", {a_run(0.8, stream + "c0", true), a_run(0.8, stream + "c1", true)}});
      o.entries.push_back({1, "topk", {a_run(0.6, stream + "r0", false), a_run(0.6, stream + "r1", false)}});
      o.entries.push_back({0, "pca", {a_run(0.3, stream + "p", true)}});  // the champion's control
      o.entries.push_back({2, "", {a_run(0.5, stream + "n", false)}});
      o.entries.push_back({3, "", {a_run(0, stream + "u", false)}});
      o.entries.push_back({4, "", {a_run(1, stream + "o", false)}});
      outcomes.push_back(std::move(o));
    }
  }
  Run& run(size_t organism, size_t entry) { return outcomes[organism].entries[entry].runs[0]; }

  Result judge() const {
    const Result::Registration registration{"cards/x.toml", std::string(64, 'b'), std::string(64, 'c')};
    const Contest contest{kInfo, card, contestants, calibrations, bases, families, outcomes, registration, Cases::planted};
    Result r = judge_contest(contest, no_tick);
    tell_repairs(r, contest);
    r.timing.started = "now";
    return r;
  }
};

TEST(JudgeRepair, TheScaleGoesFromTheUntouchedModelToTheRetrainedModel) {
  const Result r = Setting().judge();
  EXPECT_EQ(r.contestant("untouched").score.mean, (Estimate{0, 0, 0}));
  EXPECT_EQ(r.contestant("retrained").score.mean, (Estimate{1, 1, 1}));
  EXPECT_NEAR(r.contestant("clamp").score.mean.value, 0.8, 0.02);
  EXPECT_EQ(r.verdict.ruling.challenger, "clamp");
  EXPECT_TRUE(r.verdict.ruling.beats);
  EXPECT_EQ(r.verdict.ruling.label, Result::Label::beats);  // a baseline had one allowed trial; but the one that was forbidden would not have helped it
  EXPECT_NE(r.contestant("npo").under_tuned, "");
  Setting near;
  for (auto& outcome : near.outcomes) outcome.entries[3].runs[0].trials[0].validation.score = 0.9;
  EXPECT_EQ(near.judge().verdict.ruling.label, Result::Label::inconclusive);
  EXPECT_EQ(r.fight.clean, 0);
  EXPECT_EQ(r.fight.per_family, 60);
  EXPECT_EQ(Result::from_json(r.to_json()), r);
}

TEST(JudgeRepair, TagsTrialsAndRobustnessLand) {
  const Result r = Setting().judge();
  EXPECT_EQ(r.contestant("clamp").tag, "runtime edit");
  EXPECT_EQ(r.contestant("npo").tag, "weight edit");
  const auto* trials = r.section_as<Section::Scatter>(kTrials);
  ASSERT_TRUE(trials);
  ASSERT_EQ(trials->clouds.size(), 5u);
  const auto& points = trials->clouds[0].points;
  ASSERT_EQ(points.size(), 12u);  // two of each run
  EXPECT_EQ(points[2], (Section::Scatter::Point{0, 1, {1.0, 0.5, 1.0, 0.7}, false, false, {{"hyperparameter", 1}}, "not finite"}));
  EXPECT_EQ(points[3], (Section::Scatter::Point{0, 1, {0.8, 0.01, 0.02, 1}, true, true, {{"hyperparameter", 2}}, ""}));
  EXPECT_EQ(trials->clouds[2].points[0].dictionary_seed, -1);
  EXPECT_EQ(trials->axes[1].limit, 0.02);
  EXPECT_EQ(trials->axes[2].limit, 0.05);
  EXPECT_FALSE(trials->axes[3].at_most);
  const auto value = [&](const char* section, size_t contestant, std::string_view column) {
    const auto* table = r.section_as<Section::Table>(section);
    for (size_t a = 0; a < table->columns.size(); ++a)
      if (table->columns[a].name == column) return table->rows[contestant].cells[a];
    fail("no column {}", column);
  };
  EXPECT_NEAR(value("robustness", 0, "paraphrased")->value, 0.4, 1e-12);
  EXPECT_NEAR(value("robustness", 0, "hook_removed")->value, 0, 1e-12);
  EXPECT_EQ(value("robustness", 0, "four_bits"), std::nullopt);
  EXPECT_NEAR(value("robustness", 2, "four_bits")->value, 0.5, 1e-12);
  EXPECT_EQ(value("robustness", 2, "relearn_64"), std::nullopt);  // nobody tried
  EXPECT_NEAR(value("secondary", 2, "rate")->value, 0.45, 1e-12);
  EXPECT_NEAR(value("secondary", 2, "ability")->value, 0.98, 1e-12);
}

/// The best as deployed is a hook: once it is dropped, others stand for its side.
TEST(JudgeRepair, UnderAThreatWhoIsLeftWithMostIsPutForward) {
  Setting s;
  const Result r = s.judge();
  ASSERT_EQ(r.verdict.rulings.size(), 1u);
  const auto& threatened = r.verdict.rulings[0];
  EXPECT_EQ(threatened.threat, "open_weights");
  EXPECT_EQ(threatened.ruling.challenger, "crisp");
  EXPECT_EQ(threatened.ruling.against, "npo");
  EXPECT_NEAR(threatened.challengers.value, 0.3, 1e-12);
  EXPECT_NEAR(threatened.baselines.value, 0.25, 1e-12);
  EXPECT_NEAR(threatened.ruling.interval.value, 0.05, 1e-12);
  const auto* robust = r.section_as<Section::Table>("robustness");
  EXPECT_EQ(robust->columns[0].name, "open_weights");
  EXPECT_EQ(robust->rows[0].cells[0]->value, 0);
  EXPECT_NEAR(robust->rows[1].cells[0]->value, 0.3, 1e-12);
  for (auto& outcome : s.outcomes)  // ... unless what it changes besides is too much: that counts under a threat, too
    for (auto& run : outcome.entries[1].runs) run.side_effects[1].values[kFacts] = 0.5;
  EXPECT_NEAR(s.judge().verdict.rulings[0].challengers.value, 0, 1e-12);
}

TEST(JudgeRepair, TwoSidesThatAreLeftWithNothingDoNotCompete) {
  Setting s;
  for (auto& outcome : s.outcomes)
    for (auto& entry : outcome.entries)
      for (auto& run : entry.runs) run.attacked["open_weights"] = {0, {{"insult", std::vector<double>(60, 0)}}};
  const auto threatened = s.judge().verdict.rulings[0];
  EXPECT_TRUE(threatened.ruling.competitive);  // the reading stays
  EXPECT_EQ(threatened.ruling.label, Result::Label::inconclusive);
}

TEST(JudgeRepair, NorDoTwoSidesThatHaveNothingAsDeployed) {
  Setting s;
  for (auto& outcome : s.outcomes)
    for (auto& entry : outcome.entries)
      for (auto& run : entry.runs)
        if (entry.contestant < 3) run.scores[1]["insult"].assign(60, 0.01);
  const Result r = s.judge();
  EXPECT_TRUE(r.verdict.ruling.competitive);
  EXPECT_EQ(r.verdict.ruling.label, Result::Label::inconclusive);
  EXPECT_NE(r.verdict.sentence.find("neither side is surely above no skill"), std::string::npos);
  EXPECT_EQ(Result::from_json(r.to_json()), r);
}

TEST(JudgeRepair, OnlyTheChampionMeetsTheControls) {
  Setting s;
  const Result r = s.judge();
  ASSERT_EQ(r.necessity.controls.size(), 1u);
  EXPECT_EQ(r.necessity.controls[0].challenger, "clamp");
  EXPECT_TRUE(r.necessity.passed);
}

TEST(JudgeRepair, WithoutControlsNoNeedIsProven) {
  Setting s;
  s.card.controls = Card::Controls::none;
  s.bases.resize(1);
  for (auto& o : s.outcomes) std::erase_if(o.entries, [](const Entry& e) { return e.basis == "pca"; });
  const Result r = s.judge();
  EXPECT_FALSE(r.necessity.passed);
  EXPECT_EQ(Result::from_json(r.to_json()), r);
}

TEST(JudgeRepair, AReferenceIsBoundByNoBudgetAndNobodyElseIsFree) {
  Setting s;
  auto& retrained = s.run(0, 5).trials[1].validation;
  retrained.side_effects.values[kFacts] = 0.9;
  const Result r = s.judge();
  EXPECT_EQ(Result::from_json(r.to_json()), r);
  for (const auto& [what, too_much] : {std::pair(kFacts, 0.9), {repair::kNear, 0.06}}) {
    Setting mistaken;  // a baseline that is allowed by mistake
    mistaken.run(0, 3).trials[1].validation.side_effects.values[what] = too_much;
    EXPECT_NE(error_of([&] { mistaken.judge().check(); }).find("npo"), std::string::npos) << what;
  }
}

TEST(JudgeRepair, WhoFoundNothingAllowedRemovedNothing) {
  Setting s;
  for (auto& o : s.outcomes)
    for (auto& run : o.entries[3].runs) {
      run.trials[1].validation.allowed = false;
      run.trials[1].validation.side_effects.values[repair::kDeltaCe] = 1;
      run.chosen.fill(std::nullopt);
      run.scores.clear();
      run.findings.clear();
    }
  const Result r = s.judge();
  EXPECT_EQ(r.contestant("npo").score.mean, (Estimate{0, 0, 0}));
  EXPECT_EQ(r.section_as<Section::Table>("secondary")->rows[2].cells[0], std::nullopt);  // nothing is known of it
  for (const Estimate& expected : r.section_as<Section::Curves>(kTuning)->lines[2].values) EXPECT_EQ(expected.value, 0);
  EXPECT_EQ(Result::from_json(r.to_json()), r);
}

}  // namespace
}  // namespace fairfight
