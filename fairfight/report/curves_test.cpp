#include "fairfight/report/curves.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fairfight/report/chart.h"
#include "fairfight/report/test_example.h"

namespace fairfight {
namespace {

using testing::HasSubstr;
using testing::Not;

/// Curves without intervals: over the amounts 1, 2 ...
Section::Curves counted_lines(std::vector<Section::Curves::Line> lines) {
  Section::Curves curves{"trials", "AUROC", "", Section::Form::count, false, {}, std::move(lines)};
  for (const auto& line : curves.lines)
    while (curves.at.size() < line.values.size()) curves.at.push_back(double(curves.at.size()) + 1);
  return curves;
}

TEST(Curves, LabelsKeepTheirDistanceAndMoveLittle) {
  using testing::ElementsAre;
  EXPECT_THAT(spread({10, 50, 90}, 20, 0, 100), ElementsAre(10, 50, 90));          // as they want
  EXPECT_THAT(spread({50, 50, 50}, 20, 0, 100), ElementsAre(30, 50, 70));          // around their middle
  EXPECT_THAT(spread({0, 1, 90}, 20, 0, 100), ElementsAre(0, 20, 90));             // not above the top
  EXPECT_THAT(spread({99, 99, 99}, 20, 0, 100), ElementsAre(60, 80, 100));         // nor below the bottom
  EXPECT_THAT(spread({40, 45, 62}, 20, 0, 100), ElementsAre(29, 49, 69));          // a pool grows while it touches another
  EXPECT_THAT(spread({40, 60, 60, 60}, 20, 0, 100), ElementsAre(25, 45, 65, 85));  // and takes a whole pool in
  EXPECT_THAT(spread({}, 20, 0, 100), ElementsAre());
}

TEST(Curves, ALineIsDottedWhereItHasNoMore) {
  const Result result = example_result();
  const auto curves = counted_lines({{"reconstruction_error", {{0.7, 0.7, 0.7}, {0.75, 0.75, 0.75}, {0.77, 0.77, 0.77}}}, {"knn", {{0.6, 0.6, 0.6}, {0.65, 0.65, 0.65}}}});
  const std::string chart = curves_chart(result, curves);
  EXPECT_EQ(times(chart, "<path class=\"baseline rest\""), 1u);
  EXPECT_EQ(times(chart, "challenger first rest"), 0u);
  EXPECT_EQ(times(chart, "<li class=\"challenger first\""), 1u);
  EXPECT_THAT(chart, HasSubstr("0.770"));
  EXPECT_THAT(chart, HasSubstr("aria-label=\"AUROC against trials\""));
  EXPECT_THAT(curves_table(result, curves), HasSubstr("<td>0.600</td><td>0.650</td><td></td></tr>"));
}

TEST(Curves, AmountsStandAtTheirPlaces) {
  const Result result = patch_result();
  Section::Curves curves{"of it", "u", "", Section::Form::number, false, {0, 1, 4}, {{"zero_clamp", std::vector<Estimate>(3, {0.5, 0.4, 0.6})}}};
  const auto place = [](const char* at) { return fmt::format("<line class=\"spread challenger first\" x1=\"{}\"", at); };
  for (const char* at : {"1.00%", "25.50%", "99.00%"}) EXPECT_THAT(curves_chart(result, curves), HasSubstr(place(at)));
  curves.logarithmic = true;  // nothing stands a step before the least
  for (const char* at : {"1.00%", "50.00%", "99.00%"}) EXPECT_THAT(curves_chart(result, curves), HasSubstr(place(at)));
  curves.at = {0, 4, 16, 64, 256};
  curves.lines[0].values.resize(5, {0.5, 0.4, 0.6});
  for (const char* at : {"1.00%", "25.50%", "50.00%", "74.50%", "99.00%"}) EXPECT_THAT(curves_chart(result, curves), HasSubstr(place(at)));
  for (const double single : {0., 7.}) {
    curves.at = {single};
    curves.lines[0].values.resize(1);
    EXPECT_THAT(curves_chart(result, curves), HasSubstr("<circle class=\"challenger first\" cx=\"50.00%\""));
  }
}

TEST(Curves, TheSlopeGoesThroughTheMiddle) {
  const Result result = patch_result();
  Section::Curves doses = *result.section_as<Section::Curves>("doses");
  doses.at = {0, 0.01, 0.1};
  doses.lines = {{"zero_clamp", {{0, 0, 0}, {0.4, 0.4, 0.4}, {0.6, 0.6, 0.6}}}};
  doses.slopes = {{"zero_clamp", {0.2, 0.1, 0.3}}};
  const std::string chart = curves_chart(result, doses);  // it runs through both points: from a corner of the line to its end
  const std::string line = chart.substr(chart.find("L500.0") + 1);
  EXPECT_THAT(chart, HasSubstr("class=\"slope\" d=\"M" + line.substr(0, line.find('"'))));
  Section::Curves shorter = doses;  // one amount above 0 has no slope to draw
  shorter.lines[0].values.pop_back();
  EXPECT_THAT(curves_chart(result, shorter), Not(HasSubstr("class=\"slope\"")));
  doses.slopes[0].contestant = doses.lines[0].contestant = "steering";  // another challenger's slope is reported, not drawn
  EXPECT_THAT(curves_chart(result, doses), Not(HasSubstr("class=\"slope\"")));
}

TEST(Curves, OneAmountIsADot) {
  const Result result = example_result();
  const std::string chart = curves_chart(result, counted_lines({{"knn", {{0.6, 0.6, 0.6}}}}));
  EXPECT_THAT(chart, Not(HasSubstr("<path class=\"baseline\" d=\"M50")));
  EXPECT_THAT(chart, HasSubstr("<circle class=\"baseline\" cx=\"50.00%\""));
}

TEST(Curves, TheirCaptionSaysWhatTheyHave) {
  const Result result = bakery_result();
  const auto& section = *result.section("ovens");
  auto curves = std::get<Section::Curves>(section.body);
  const auto html = [&] { return curves_html(result, section, curves); };
  EXPECT_THAT(html(), HasSubstr("<b>Hotter ovens.</b> The same dough in a hotter oven. The scale below is logarithmic. Upright strokes are 90 % intervals. "
                                "A line is dotted from where it has no more. A tenfold fire is worth +1.000 crunch to the dictionary&#39;s reconstruction error"));
  EXPECT_THAT(html(), HasSubstr("+1.500). Its slope is dashed.</figcaption>"));
  EXPECT_THAT(html(), HasSubstr("<th scope=\"col\">degrees</th><th scope=\"col\">0</th>"));
  EXPECT_THAT(html(), HasSubstr("<p>degrees</p>"));
  curves.logarithmic = false;  // no straight line there
  EXPECT_THAT(html(), HasSubstr("+1.500).</figcaption>"));
  curves.slopes.clear();
  curves.lines.pop_back();
  EXPECT_THAT(html(), HasSubstr("<b>Hotter ovens.</b> The same dough in a hotter oven. Upright strokes are 90 % intervals.</figcaption>"));
  curves.lines[0].values = {{1, 1, 1}, {1, 1, 1}, {1, 1, 1}};
  EXPECT_THAT(html(), HasSubstr("<b>Hotter ovens.</b> The same dough in a hotter oven.</figcaption>"));
}

}  // namespace
}  // namespace fairfight
