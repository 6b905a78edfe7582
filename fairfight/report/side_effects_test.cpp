#include "fairfight/report/side_effects.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fairfight/report/test_example.h"

namespace fairfight {
namespace {

using testing::HasSubstr;
using testing::Not;

size_t times(const std::string& text, const std::string& what) {
  size_t found = 0;
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
  return found;
}

/// The example with a few trials of one challenger and one baseline: score, nats a token, share of the worst ability.
struct Few {
  Result result = patch_result();
  Result::SideEffects effects{"retained text", 0.02, 0.99, {}, {{"zero_clamp", {}}, {"fine_tuning", {}}}};
  void add(size_t side, double score, double delta_ce, double ability = 1, bool chosen = false) {
    Result::Trial trial{0, side == 0 ? 0 : -1, score, delta_ce, ability, false, chosen};
    trial.allowed = effects.within_budget(trial);
    effects.contestants[side].trials.push_back(trial);
  }
  std::string chart() const { return side_effects_chart(result, effects); }
};

TEST(SideEffects, EveryTrialIsADotAndTheOverspentAreHollow) {
  const Result result = patch_result();
  const std::string chart = side_effects_chart(result, *result.side_effects);
  size_t trials = 0, over = 0;
  for (const auto& of : result.side_effects->contestants)
    for (const auto& trial : of.trials) {
      ++trials;
      over += !trial.allowed;
    }
  EXPECT_EQ(times(chart, "r=\"2.2\"") + outside_of_picture(result, *result.side_effects), trials);
  EXPECT_GT(over, 20u);
  for (const char* group :
       {"dots challenger", "dots challenger over", "dots baseline", "dots baseline over", "dots reference"})
    EXPECT_GE(times(chart, "<g class=\"" + std::string(group) + "\">"), 1u) << group;
  EXPECT_EQ(times(chart, "<svg class=\"chosen "), 10u);
  EXPECT_EQ(times(chart, "<li class="), 10u);
  EXPECT_EQ(times(chart, "<line class=\"edge\""), 1u);
  EXPECT_THAT(chart, HasSubstr("budget 0.02<"));
}

TEST(SideEffects, AFrontIsTheBestAtNoHigherPrice) {
  Few few;
  few.add(0, 0.5, 0);
  few.add(0, 0.4, 0.01);      // dearer and worse
  few.add(0, 1.0, 0.0, 0.5);  // at the price of an ability
  few.add(0, 0.9, 1.0);
  few.add(1, 0.7, 0.01);
  const std::string chart = few.chart(), front = chart.substr(chart.find("class=\"front challenger\""));
  const std::string path = front.substr(0, front.find("/>"));
  EXPECT_EQ(times(path, "V"), 1u);
  EXPECT_THAT(path, HasSubstr("H1000"));
  EXPECT_EQ(times(chart, "class=\"front baseline\""), 1u);
  EXPECT_THAT(chart, Not(HasSubstr("<svg class=\"chosen")));  // nobody chose
}

TEST(SideEffects, FarAwayIsAnArrowAtTheEdge) {
  Few few;
  few.add(0, 0.5, 0);
  few.add(0, -70, 0.1);
  few.add(1, 9, 0.1);
  EXPECT_EQ(outside_of_picture(few.result, few.effects), 2u);
  EXPECT_THAT(few.chart(), HasSubstr("d=\"M-4 -4H4L0 4z\""));  // points down
  EXPECT_THAT(few.chart(), HasSubstr("d=\"M-4 4H4L0 -4z\""));
  EXPECT_THAT(few.chart(), HasSubstr(">−0.2</text>"));
  EXPECT_THAT(few.chart(), Not(HasSubstr(">−70")));
}

TEST(SideEffects, TheScaleHoldsNothingAndNats) {
  Few few;
  few.add(0, 0.5, -0.004);
  few.add(1, 0.5, 5);
  for (const char* tick : {">0</text>", ">0.01</text>", ">0.1</text>", ">1</text>"})
    EXPECT_THAT(few.chart(), HasSubstr(tick));
  few.add(1, 0.5, 1e9);
  few.add(1, 0.5, -1e9);
  EXPECT_THAT(few.chart(), Not(HasSubstr("nan")));
  few.effects.most_delta_ce = 0;
  EXPECT_THAT(few.chart(), Not(HasSubstr("nan")));
}

TEST(SideEffects, AnOperatingPointIsTheMeanOfWhatWasChosen) {
  Few few;
  few.add(0, 0.8, 0.01, 1, true);
  few.add(0, 0.6, 0.02, 0.99, true);
  few.add(0, 1, 3, 0.5);
  const auto point = operating_point(few.effects.contestants[0]);
  EXPECT_EQ(point.chosen, 2u);
  EXPECT_EQ(point.allowed, 2u);
  EXPECT_EQ(point.trials, 3u);
  EXPECT_NEAR(point.score, 0.7, 1e-12);
  EXPECT_NEAR(point.delta_ce, 0.015, 1e-12);
  EXPECT_NEAR(point.ability, 0.995, 1e-12);
  const std::string table = side_effects_table(few.result, few.effects);
  EXPECT_THAT(table, HasSubstr("<td>0.700</td><td>+0.0150</td><td>99.50 %</td><td>2 of 3</td>"));
  EXPECT_THAT(table, HasSubstr("<td>–</td><td>–</td><td>–</td><td>0 of 0</td>"));
}

TEST(SideEffects, WithoutTrialsThereIsNoPicture) { EXPECT_EQ(Few().chart(), ""); }

}  // namespace
}  // namespace fairfight
