#include "fairfight/report/scatter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fairfight/report/test_example.h"

namespace fairfight {
namespace {

using testing::HasSubstr;
using testing::Not;

/// The example with a few trials of one challenger and one baseline: score, nats a token, share of the worst ability.
struct Few {
  Result result = patch_result();
  Section::Scatter scatter = *result.section_as<Section::Scatter>("side_effects");
  Few() { scatter.clouds = {{"zero_clamp", {}}, {"fine_tuning", {}}}; }
  void add(size_t side, double score, double delta_ce, double ability = 1, bool chosen = false) {
    Section::Scatter::Point point{0, side == 0 ? 0 : -1, {score, delta_ce, ability}, false, chosen};
    point.allowed = scatter.within_limits(point);
    scatter.clouds[side].points.push_back(point);
  }
  std::string chart() const { return scatter_chart(result, scatter); }
};

TEST(Scatter, EveryTrialIsADotAndTheOverspentAreHollow) {
  const Result result = patch_result();
  const auto& scatter = *result.section_as<Section::Scatter>("side_effects");
  const std::string chart = scatter_chart(result, scatter);
  size_t trials = 0, over = 0;
  for (const auto& cloud : scatter.clouds)
    for (const auto& point : cloud.points) {
      ++trials;
      over += !point.allowed;
    }
  EXPECT_EQ(times(chart, "r=\"2.2\"") + outside_of_picture(result, scatter), trials);
  EXPECT_GT(over, 20u);
  for (const char* group :
       {"dots challenger", "dots challenger over", "dots baseline", "dots baseline over", "dots reference"})
    EXPECT_GE(times(chart, "<g class=\"" + std::string(group) + "\">"), 1u) << group;
  EXPECT_EQ(times(chart, "<svg class=\"chosen "), 10u);
  EXPECT_EQ(times(chart, "<li class="), 10u);
  EXPECT_EQ(times(chart, "<line class=\"edge\""), 1u);
  EXPECT_THAT(chart, HasSubstr("at most 0.02<"));
}

TEST(Scatter, AFrontIsTheBestAtNoHigherPrice) {
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

TEST(Scatter, FarAwayIsAnArrowAtTheEdge) {
  Few few;
  few.add(0, 0.5, 0);
  few.add(0, -70, 0.1);
  few.add(1, 9, 0.1);
  EXPECT_EQ(outside_of_picture(few.result, few.scatter), 2u);
  EXPECT_THAT(few.chart(), HasSubstr("d=\"M-4 -4H4L0 4z\""));  // points down
  EXPECT_THAT(few.chart(), HasSubstr("d=\"M-4 4H4L0 -4z\""));
  EXPECT_THAT(few.chart(), HasSubstr(">−0.2</text>"));
  EXPECT_THAT(few.chart(), Not(HasSubstr(">−70")));
}

TEST(Scatter, TheScaleHoldsNothingAndNats) {
  Few few;
  few.add(0, 0.5, -0.004);
  few.add(1, 0.5, 5);
  for (const char* tick : {">0</text>", ">0.01</text>", ">0.1</text>", ">1</text>"})
    EXPECT_THAT(few.chart(), HasSubstr(tick));
  few.add(1, 0.5, 1e9);
  few.add(1, 0.5, -1e9);
  EXPECT_THAT(few.chart(), Not(HasSubstr("nan")));
  few.scatter.axes[1].limit = 0;
  EXPECT_THAT(few.chart(), Not(HasSubstr("nan")));
}

TEST(Scatter, WithoutALimitThereIsNoLineAndTheScaleIsThatOfTheTrials) {
  Few few;
  few.scatter.axes[1].limit.reset();
  few.add(0, 0.5, -3);
  few.add(1, 0.5, 5);
  EXPECT_EQ(linear_up_to(few.scatter), 5);
  EXPECT_THAT(few.chart(), Not(HasSubstr("class=\"edge\"")));
  few.scatter.axes[2].limit.reset();
  few.scatter.axes[2].at_most = true;
  EXPECT_THAT(scatter_html(few.result, few.result.sections[0], few.scatter), HasSubstr("Hollow ones were not allowed. A diamond"));
}

TEST(Scatter, AnOperatingPointIsTheMeanOfWhatWasChosen) {
  Few few;
  few.add(0, 0.8, 0.01, 1, true);
  few.add(0, 0.6, 0.02, 0.99, true);
  few.add(0, 1, 3, 0.5);
  const auto point = operating_point(few.scatter, few.scatter.clouds[0]);
  EXPECT_EQ(point.chosen, 2u);
  EXPECT_EQ(point.allowed, 2u);
  EXPECT_EQ(point.trials, 3u);
  EXPECT_NEAR(point.values[0], 0.7, 1e-12);
  EXPECT_NEAR(point.values[1], 0.015, 1e-12);
  EXPECT_NEAR(point.values[2], 0.995, 1e-12);
  const std::string table = scatter_table(few.result, few.scatter);
  EXPECT_THAT(table, HasSubstr("<td>0.700</td><td>+0.0150</td><td>99.50 %</td><td>2 of 3</td>"));
  EXPECT_THAT(table, HasSubstr("<td>–</td><td>–</td><td>–</td><td>0 of 0</td>"));
}

TEST(Scatter, ItsCaptionIsMadeOfItsAxes) {
  const Result result = bakery_result();
  const auto& section = *result.section("loaves");
  const std::string html = scatter_html(result, section, std::get<Section::Scatter>(section.body));
  EXPECT_THAT(html, HasSubstr("<b>Loaves.</b> Each dot is a trial of one run, on validation: to the right what it costs the miller, upwards rise. "
                              "Hollow ones were not allowed: flour above 4 sacks, or praise (what the neighbours say) below 50 %."));
  EXPECT_THAT(html, HasSubstr("at no higher price, within the other limits. The scale below is linear up to ±0.4"));
  EXPECT_THAT(html, HasSubstr("<th scope=\"col\">flour (sacks)</th><th scope=\"col\">praise</th>"));
  EXPECT_THAT(html, HasSubstr("<td>0.700</td><td>2.000</td><td>75.00 %</td><td>1 of 2</td>"));
  EXPECT_THAT(html, HasSubstr("<p>sacks</p>"));
}

TEST(Scatter, WithoutTrialsThereIsNoPicture) {
  const Few few;
  EXPECT_EQ(few.chart(), "");
  EXPECT_EQ(times(scatter_html(few.result, few.result.sections[0], few.scatter), "<figure>"), 1u);  // the operating points alone
}

}  // namespace
}  // namespace fairfight
