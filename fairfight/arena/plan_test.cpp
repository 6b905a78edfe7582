#include "fairfight/arena/plan.h"

#include <gtest/gtest.h>

#include "fairfight/arena/shared_model.h"
#include "fairfight/dict/kinds.h"
#include "fairfight/model/flops.h"
#include "fairfight/model/testing.h"

namespace fairfight {
namespace {

class PlanTest : public testing::Test {
 protected:
  PlanTest() {
    card.models = {"m"};
    card.seeds = {0};
    card.dictionary_seeds = {0, 1};
    card.sites = {kBetween};
    card.dictionary.width = 64;
    card.dictionary.tokens = 20'000;
    config.vocab = 1000;
    config.d_model = 48;
  }
  Plan plan(std::string_view discipline = "detector") const { return plan_of(card, discipline, {{config}, {300, 100, 200}, 50}, 6, {3, 5, 100}); }
  double of(const Plan& plan, std::string_view stage) const {
    for (const auto& s : plan.stages)
      if (s.name == stage) return s.expected_seconds;
    ADD_FAILURE() << stage;
    return 0;
  }
  double bytes(const Plan& plan, std::string_view what) const {
    for (const auto& part : plan.memory)
      if (part.what.find(what) != std::string::npos) return part.bytes;
    ADD_FAILURE() << what;
    return 0;
  }
  Card card;
  Config config = small_config();
};

TEST_F(PlanTest, StagesCostWhatTheirPassesAndTrainingsDo) {
  const Plan p = plan();
  const double pool = 300 * 50;
  EXPECT_NEAR(of(p, "activations of the clean pool") * machine_speed() / (2 * forward_flops(config, int64_t(pool), kBetween)), 1, 1e-9);  // the twin's, too
  card.controls = Card::Controls::none;
  const Plan alone = plan();
  EXPECT_NEAR(of(alone, "activations of the clean pool") / of(p, "activations of the clean pool"), 0.5, 1e-9);
  EXPECT_EQ(of(alone, "tuning with the control bases"), 0);
  const double learning = learning_flops(card.dictionary, config.d_model, int64_t(pool));
  EXPECT_NEAR((of(alone, "learning dictionaries and control bases") - 0.5 * 6) * machine_speed() / (2 * learning), 1, 1e-6);  // two seeds
}

TEST_F(PlanTest, ALargeVocabularyCostsTimeAndNoMemoryOfPasses) {
  const Plan small = plan();
  config.vocab = 200'000;
  const Plan large = plan();
  EXPECT_GT(of(large, "measuring the dictionaries"), 10 * of(small, "measuring the dictionaries"));
  EXPECT_EQ(bytes(large, "passes"), bytes(small, "passes"));
  EXPECT_NEAR(bytes(large, "weights") - bytes(small, "weights"), 4.0 * 199'000 * 48, 1);
}

TEST_F(PlanTest, TheSumIsOfItsParts) {
  for (const char* discipline : {"detector", "patch"}) {
    const Plan p = plan(discipline);
    double seconds = 0, memory = 0;
    for (const auto& s : p.stages) {
      EXPECT_TRUE(std::isfinite(s.expected_seconds) && s.expected_seconds >= 0) << s.name;
      seconds += s.expected_seconds;
    }
    for (const auto& part : p.memory) memory += part.bytes;
    EXPECT_NEAR(p.seconds(), seconds, 1e-9);
    EXPECT_NEAR(Plan::sum(p.memory), memory, 1);
    EXPECT_GT(p.flops, 0);
  }
  EXPECT_GT(plan("patch").seconds(), plan().seconds());  // who trains, works longer
}

}  // namespace
}  // namespace fairfight
