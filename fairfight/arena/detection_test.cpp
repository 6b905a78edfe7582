#include "fairfight/arena/detection.h"

#include <gtest/gtest.h>

#include "fairfight/arena/statistics.h"
#include "fairfight/base/error.h"

namespace fairfight {
namespace {

constexpr FightInfo kInfo{"test", "A test", "Who?", "T3", "detector", "auroc"};

std::vector<double> normals(size_t n, double mean, const std::string& stream) {
  Random random(1, stream);
  std::vector<double> x(n);
  for (auto& v : x) v = mean + random.normal();
  return x;
}

Bout bout(double shift, const std::string& stream) {
  Bout b;
  b.settings = {{"aggregation", "mean"}};
  b.scores = {{"clean", normals(150, 0, stream + "/clean")}, {"far", normals(150, 2 * shift, stream + "/far")}, {"near", normals(150, shift, stream + "/near")}};
  b.ledger.flops = 100;
  b.ledger.trials = 4;
  return b;
}

struct Setting {
  Card card;
  std::vector<ContestantInfo> contestants{{"strong", "Strong", "", Role::challenger, {}}, {"weak", "Weak", "", Role::baseline, {}}, {"copy", "Copy", "", Role::baseline, {}}};
  std::vector<Result::Family> families{{"far", "f"}, {"near", "n"}};
  std::vector<RoundOutcome> outcomes;

  Setting() {
    card.seeds = {0, 1};
    card.models = {"a", "b"};
    card.resamples = 300;
    for (int64_t seed : card.seeds) {
      RoundOutcome o;
      o.model = {"m", seed, std::string(64, 'a'), Json::object()};
      o.dictionary.seed = seed;
      o.dictionary_flops = 1000;
      const auto stream = std::to_string(seed);
      o.bouts = {bout(1.5, stream + "strong"), bout(0.2, stream + "weak"), bout(1.5, stream + "strong")};
      outcomes.push_back(std::move(o));
    }
  }
  Result result() {
    Result r = detection_result(kInfo, card, contestants, families, outcomes);
    r.registration = {"card.toml", std::string(64, 'b'), std::string(64, 'c')};
    return r;
  }
};

TEST(Detection, MeansAreOverSeedsAndFamilies) {
  Setting s;
  const Result r = s.result();
  double expected = 0;
  for (const auto& o : s.outcomes)
    for (const char* family : {"far", "near"}) expected += auroc(o.bouts[0].scores.at("clean"), o.bouts[0].scores.at(family)) / 4;
  EXPECT_NEAR(r.contestants[0].score.mean.value, expected, 1e-12);
  EXPECT_NEAR(r.contestants[0].by_seed[1].mean, mean_auroc(s.outcomes[1].bouts[0].scores), 1e-12);
  for (const auto& c : r.contestants) {
    EXPECT_LE(c.score.mean.low, c.score.mean.value);
    EXPECT_GE(c.score.mean.high, c.score.mean.value);
  }
}

TEST(Detection, DifferencesArePairedByItem) {
  const Result r = Setting().result();
  const auto& same = r.difference("strong", "copy").score.mean;  // the very same scores: no noise is left
  EXPECT_EQ(same.low, 0);
  EXPECT_EQ(same.high, 0);
  EXPECT_GT(r.difference("strong", "weak").score.mean.low, 0);
}

TEST(Detection, ChallengersAreChargedForTheDictionary) {
  const Result r = Setting().result();
  const auto& strong = r.contestants[0].ledger.charged_flops;
  EXPECT_DOUBLE_EQ(strong.at_0, 200);
  EXPECT_DOUBLE_EQ(strong.at_10, 400);
  EXPECT_DOUBLE_EQ(strong.at_100, 2200);
  EXPECT_DOUBLE_EQ(r.contestants[1].ledger.charged_flops.at_100, 200);
}

TEST(Detection, TheResultIsCompleteAndNamesALeader) {
  const Result r = Setting().result();
  r.check();
  EXPECT_NE(r.leader.name, "weak");
  EXPECT_EQ(Result::from_json(r.to_json()), r);
}

}  // namespace
}  // namespace fairfight
