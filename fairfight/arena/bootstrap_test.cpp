#include "fairfight/arena/bootstrap.h"

#include <gtest/gtest.h>
#include <omp.h>

#include <cmath>

#include "fairfight/base/random.h"
#include "fairfight/base/statistics.h"
#include "fairfight/base/testing.h"

namespace fairfight {
namespace {

constexpr auto kAuroc = Metric::Form::auroc, kMean = Metric::Form::mean;

struct Shape {
  size_t organisms = 1, seeds = 1, clean = 80, anomalous = 60;
  double ties = 0;  // scores are rounded to multiples of it
};

/// Families "far" and "near"; every artifact's scores are its own.
ScoreGrid grid(const std::string& name, const Shape& shape, double shift, double seed_deviation = 0) {
  Random random(7, name);
  ScoreGrid grid(shape.organisms);
  const auto draw = [&](size_t n, double mean) {
    std::vector<double> x(n);
    for (auto& v : x) {
      v = mean + random.normal();
      if (shape.ties > 0) v = std::round(v / shape.ties) * shape.ties;
    }
    return x;
  };
  for (auto& row : grid)
    for (size_t s = 0; s < shape.seeds; ++s) {
      const double mean = shift + seed_deviation * random.normal();
      row.push_back({{"clean", draw(shape.clean, 0)}, {"far", draw(shape.anomalous, 2 * mean)}, {"near", draw(shape.anomalous, mean)}});
    }
  return grid;
}

TEST(ScoreBootstrap, ValuesAreTheItemsAsTheyAre) {
  const std::vector<ScoreGrid> grids{grid("a", {2, 3}, 1, 0.3), grid("b", {2, 1}, 0.5)};
  const ScoreBootstrap bootstrap(kAuroc, grids, 10, 0);
  ASSERT_EQ(bootstrap.families(), (std::vector<std::string>{"far", "near"}));
  double far = 0, all = 0;
  for (const auto& scores : grids[0][1]) {
    far += auroc(scores.at("clean"), scores.at("far")) / 3;
    all += (auroc(scores.at("clean"), scores.at("far")) + auroc(scores.at("clean"), scores.at("near"))) / 6;
  }
  EXPECT_NEAR(bootstrap.score(0, 0).value[1], far, 1e-14);
  EXPECT_NEAR(bootstrap.score(0).value[1], all, 1e-14);
  const auto& b = grids[1][1][0];
  EXPECT_NEAR(bootstrap.difference(0, 1, 0).value[1], far - auroc(b.at("clean"), b.at("far")), 1e-14);
  EXPECT_EQ(bootstrap.difference(0, 1).dictionary_seeds, 3u);
  EXPECT_EQ(bootstrap.score(1).dictionary_seeds, 1u);
  EXPECT_EQ(bootstrap.score(1).seed_variance[0], 0);
}

/// As if each family had been scored alone, with its own clean items under the common name.
TEST(ScoreBootstrap, AFamilyMayHaveCleanItemsOfItsOwn) {
  const ScoreGrid plain = grid("a", {2, 1}, 1), more = grid("b", {2, 1, 50}, 0.5);
  ScoreGrid twinned = plain, of_near = plain;
  for (size_t o = 0; o < 2; ++o) {
    twinned[o][0]["clean/near"] = more[o][0].at("clean");
    of_near[o][0]["clean"] = more[o][0].at("clean");
  }
  const ScoreBootstrap with(kAuroc, std::vector<ScoreGrid>{twinned}, 400, 3), without(kAuroc, std::vector<ScoreGrid>{plain}, 400, 3), alone(kAuroc, std::vector<ScoreGrid>{of_near}, 400, 3);
  ASSERT_EQ(with.families(), (std::vector<std::string>{"far", "near"}));
  EXPECT_EQ(with.score(0, 0).draws, without.score(0, 0).draws);
  EXPECT_EQ(with.score(0, 1).value, alone.score(0, 1).value);
  for (size_t o = 0; o < 2; ++o) EXPECT_NEAR(variance(with.score(0, 1).draws[o]) / variance(alone.score(0, 1).draws[o]), 1, 0.3);  // drawn with other numbers
}

TEST(ScoreBootstrap, ADrawIsTheAurocOfTheItemsDrawn) {
  const std::vector<ScoreGrid> grids{grid("tied", {1, 1, 37, 23, 0.5}, 1)};
  const ScoreBootstrap bootstrap(kAuroc, grids, 20, 5);
  const auto& scores = grids[0][0][0];
  Random clean(5, "bootstrap/0/clean"), near(5, "bootstrap/0/near");
  const auto drawn = [](const std::vector<double>& items, Random& random) {
    std::vector<double> some;
    for (size_t i = 0; i < items.size(); ++i) some.push_back(items[random.below(items.size())]);
    return some;
  };
  const Sample sample = bootstrap.score(0, 1);
  for (double draw : sample.draws[0]) {
    const auto c = drawn(scores.at("clean"), clean), a = drawn(scores.at("near"), near);
    EXPECT_NEAR(draw, auroc(c, a), 1e-13);
  }
}

TEST(ScoreBootstrap, VariesAsDeLongSays) {
  const std::vector<ScoreGrid> grids{grid("a", {1, 1, 300, 300}, 1), grid("b", {1, 1, 300, 300}, 0.7)};
  const ScoreBootstrap bootstrap(kAuroc, grids, 4000, 0);
  const auto &a = grids[0][0][0], &b = grids[1][0][0];
  // The relative standard error of a variance from 4,000 draws is 2.2 %.
  EXPECT_NEAR(variance(bootstrap.score(0, 1).draws[0]) / delong(a.at("clean"), a.at("near")).variance, 1, 0.08);
  // Of a difference the placements are subtracted, item by item (DeLong et al. 1988).
  const auto placed = [](const std::vector<double>& items, const std::vector<double>& others) {
    std::vector<double> shares;
    for (const double item : items) shares.push_back(auroc(others, std::vector<double>{item}));
    return shares;
  };
  const auto part = [&](const char* items, const char* others) {
    auto x = placed(a.at(items), a.at(others));
    const auto y = placed(b.at(items), b.at(others));
    for (size_t i = 0; i < x.size(); ++i) x[i] -= y[i];
    return variance(x) / double(x.size());
  };
  EXPECT_NEAR(variance(bootstrap.difference(0, 1, 1).draws[0]) / (part("near", "clean") + part("clean", "near")), 1, 0.08);
}

TEST(ScoreBootstrap, DictionarySeedsBringTheUnbiasedVarianceOfTheirMean) {
  // So many items that they bring hardly any noise: the seeds' AUROCs are 1/4, 1/2 and 1.
  ScoreGrid grid(1);
  for (double height : {0.5, 1.5, 3.5}) {
    ItemScores scores{{"clean", {}}, {"near", std::vector<double>(2000, height)}};
    for (int i = 0; i < 2000; ++i) scores["clean"].push_back(i % 4);
    grid[0].push_back(std::move(scores));
  }
  const ScoreBootstrap bootstrap(kAuroc, std::vector<ScoreGrid>{grid}, 4000, 0);
  const Sample sample = bootstrap.score(0);
  EXPECT_NEAR(sample.value[0], (0.25 + 0.5 + 1) / 3, 1e-14);
  const double expected = variance(std::vector<double>{0.25, 0.5, 1}) / 3;
  EXPECT_NEAR(sample.seed_variance[0], expected, 1e-14);
  EXPECT_NEAR(variance(sample.draws[0]) / expected, 1, 0.06);
}

TEST(ScoreBootstrap, SameScoresDifferByNothing) {
  const auto a = grid("a", {2, 3}, 1, 0.3);
  const Sample none = ScoreBootstrap(kAuroc, std::vector<ScoreGrid>{a, a}, 50, 0).difference(0, 1);
  for (const auto& draws : none.draws)
    for (double draw : draws) EXPECT_EQ(draw, 0);
  EXPECT_EQ(none.seed_variance[0], 0);
}

TEST(ScoreBootstrap, AnotherContestantChangesNobodysDraws) {
  const auto a = grid("a", {2, 3}, 1, 0.3), b = grid("b", {2, 1}, 0.5), c = grid("c", {2, 3}, 0.2, 0.1);
  const auto few = ScoreBootstrap(kAuroc, std::vector<ScoreGrid>{a, b}, 50, 3).difference(0, 1);
  const auto many = ScoreBootstrap(kAuroc, std::vector<ScoreGrid>{c, a, b}, 50, 3).difference(1, 2);
  EXPECT_EQ(few.draws, many.draws);
  EXPECT_NE(few.draws, ScoreBootstrap(kAuroc, std::vector<ScoreGrid>{a, b}, 50, 4).difference(0, 1).draws);
}

TEST(ScoreBootstrap, ThreadsChangeNothing) {
  const std::vector<ScoreGrid> grids{grid("a", {3, 3}, 1, 0.3), grid("b", {3, 1}, 0.5)};
  const int before = omp_get_max_threads();
  omp_set_num_threads(1);
  const auto one = ScoreBootstrap(kAuroc, grids, 101, 0).difference(0, 1);
  omp_set_num_threads(3);
  const auto three = ScoreBootstrap(kAuroc, grids, 101, 0).difference(0, 1);
  omp_set_num_threads(before);
  ASSERT_EQ(one.draws[2].size(), 101u);
  EXPECT_EQ(one.draws, three.draws);
}

TEST(ScoreBootstrap, RefusesWhatDoesNotFitTogether) {
  const auto refuse = [](std::vector<ScoreGrid> grids) { return error_of([&] { ScoreBootstrap(kAuroc, grids, 10, 0); }); };
  const auto a = grid("a", {2, 3}, 1);
  EXPECT_NE(refuse({}), "");
  EXPECT_NE(refuse({a, grid("b", {1, 3}, 1)}).find("organisms"), std::string::npos);
  EXPECT_NE(refuse({a, grid("b", {2, 2}, 1)}).find("dictionary seeds"), std::string::npos);
  EXPECT_NE(refuse({a, grid("b", {2, 3, 81}, 1)}).find("different items"), std::string::npos);
  auto broken = a;
  broken[1][2]["near"][4] = NAN;
  EXPECT_NE(refuse({broken}).find("not a number"), std::string::npos);
  broken = a;
  for (auto& scores : broken[1]) scores.erase("near");
  EXPECT_NE(refuse({broken}).find("groups"), std::string::npos);
  broken = a;
  for (auto& row : broken)
    for (auto& scores : row) scores = {{"clean", scores["clean"]}};
  EXPECT_NE(refuse({broken}).find("no family"), std::string::npos);
  EXPECT_NE(error_of([&] { ScoreBootstrap(kMean, std::vector<ScoreGrid>{a}, 10, 0); }).find("clean items"), std::string::npos);
}

TEST(ScoreBootstrap, OfTheFormMeanAFamilysValueIsItsMean) {
  auto grids = std::vector<ScoreGrid>{grid("a", {2, 3}, 1, 0.3), grid("b", {2, 1}, 0.5)};
  for (auto& g : grids)
    for (auto& row : g)
      for (auto& scores : row) scores.erase("clean");
  const ScoreBootstrap bootstrap(kMean, grids, 4000, 3);
  EXPECT_DOUBLE_EQ(bootstrap.value(1, 0, 0)[0], mean(grids[1][0][0].at("far")));
  const auto sample = bootstrap.score(1, 1);
  const auto& near = grids[1][1][0].at("near");
  EXPECT_NEAR(mean(sample.draws[1]), mean(near), 0.02);
  EXPECT_NEAR(variance(sample.draws[1]), variance(near) / double(near.size()), 0.1 * variance(near) / double(near.size()));
  // Paired: what two contestants have in common cancels.
  auto shifted = grids[1];
  for (auto& row : shifted)
    for (auto& scores : row)
      for (auto& [name, items] : scores)
        for (double& s : items) s += 0.25;
  const std::vector<ScoreGrid> pair{grids[1], shifted};
  const auto difference = ScoreBootstrap(kMean, pair, 50, 3).difference(1, 0);
  for (double d : difference.draws[0]) EXPECT_NEAR(d, 0.25, 1e-12);
}

/// With its side effects on a limit a patch keeps to it in half of the resamples; far inside in all, beyond it in value and draws it has no skill. One run that two put forward
/// keeps to it in the same resamples, two runs in others.
TEST(ScoreBootstrap, WhoBreaksALimitHasNoSkill) {
  ScoreGrid one(1);
  one[0].push_back({{"far", std::vector<double>(50, 0.8)}});
  const std::vector<ScoreGrid> grids{one, one, one, one, one};
  const int runs[4] = {};
  const ScoreBootstrap bootstrap(kMean, grids, 4000, 0, {{{{{{0.0, 9.0}, &runs[0]}}}, {{{{9.0, 9.0}, &runs[1]}}}, {{{{9.0, -9.0}, &runs[2]}}}, {{{{0.0, 9.0}, &runs[0]}}}, {{{{0.0, 9.0}, &runs[3]}}}}, 0.1});
  EXPECT_NEAR(bootstrap.score(0).value[0], 0.8, 1e-12);
  EXPECT_NEAR(bootstrap.score(1).value[0], 0.8, 1e-12);
  EXPECT_EQ(bootstrap.score(2).value[0], 0.1);
  EXPECT_NEAR(mean(bootstrap.score(0).draws[0]), 0.45, 0.02);
  EXPECT_NEAR(mean(bootstrap.score(1).draws[0]), 0.8, 1e-12);
  EXPECT_NEAR(mean(bootstrap.score(2).draws[0]), 0.1, 1e-12);
  EXPECT_EQ(variance(bootstrap.difference(0, 3).draws[0]), 0);
  EXPECT_NEAR(variance(bootstrap.difference(0, 4).draws[0]), 0.5 * 0.7 * 0.7, 0.02);
}

}  // namespace
}  // namespace fairfight
