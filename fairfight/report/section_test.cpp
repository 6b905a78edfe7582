#include "fairfight/report/section.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fairfight/base/error.h"
#include "fairfight/base/testing.h"
#include "fairfight/report/test_example.h"

namespace fairfight {
namespace {

using testing::HasSubstr;
using Form = Section::Form;
using Table = Section::Table;
using Curves = Section::Curves;
using Scatter = Section::Scatter;
using Checklist = Section::Checklist;

/// What the check says of an example whose section was changed.
template <class Shape, class Change>
std::string with(Result result, std::string_view id, Change change) {
  change(body_of<Shape>(result, id));
  return error_of([&] { result.check(); });
}

/// What reading says of the repair with a value of its JSON replaced; erased where there is none.
std::string reading(const std::string& pointer, const Json& value = {}) {
  Json json = patch_json();
  const Json::json_pointer at(pointer);
  if (value.is_null())
    json[at.parent_pointer()].erase(at.back());
  else
    json[at] = value;
  return error_of([&] { Result::from_json(json); });
}

TEST(Section, EveryShapeIsReadBackAsItWasWritten) {
  for (const Result& result : {patch_result(), bakery_result()}) EXPECT_EQ(Result::from_json(result.to_json()), result);
  const Json json = bakery_result().to_json()["sections"];
  EXPECT_EQ(json[0]["shape"], "table");
  EXPECT_EQ(json[0]["rows"][0]["cells"]["crumbs"], 12345);  // what has no interval is a number
  EXPECT_EQ(json[0]["rows"][0]["cells"]["crunch"], Json({{"value", 1.5}, {"low", 1.25}, {"high", 1.75}}));
  EXPECT_FALSE(json[0]["rows"][0]["cells"].contains("weight"));
  EXPECT_EQ(json[1]["lines"][1]["values"], Json::array({1.0}));
  EXPECT_EQ(json[2]["axes"][1]["at_most"], 4.0);
  EXPECT_EQ(json[2]["axes"][2]["at_least"], 0.5);
  EXPECT_EQ(json[2]["clouds"][0]["points"][1]["note"], "it burnt");
  EXPECT_EQ(json[2]["clouds"][0]["points"][1]["tried"]["salt"], 3);
  EXPECT_FALSE(json[3].contains("reached"));
}

TEST(Section, IsFoundByItsIdAndShape) {
  const Result result = bakery_result();
  ASSERT_NE(result.section("ovens"), nullptr);
  EXPECT_EQ(result.section("ovens")->heading, "Hotter ovens");
  EXPECT_EQ(result.section("nothing"), nullptr);
  EXPECT_NE(result.section_as<Curves>("ovens"), nullptr);
  EXPECT_EQ(result.section_as<Table>("ovens"), nullptr);
}

TEST(Section, IdsAreNamesAndStandOnce) {
  Result result = bakery_result();
  result.sections[1].id = "crusts";
  EXPECT_THAT(error_of([&] { result.check(); }), HasSubstr("the section crusts stands twice"));
  result.sections[1].id = "Hot ovens";
  EXPECT_THAT(error_of([&] { result.check(); }), HasSubstr("the name \"Hot ovens\""));
}

TEST(Section, ShapesAreFour) {
  EXPECT_THAT(reading("/sections/0/shape", "pie"), HasSubstr("one of: table, curves, scatter, checklist"));
  EXPECT_THAT(reading("/sections/0/shape", "table"), HasSubstr("beside_score"));
  EXPECT_THAT(reading("/sections/1/columns/0/form", "roman"), HasSubstr("one of: number, change, percent, count, share"));
}

TEST(Section, ATableHasACellForEachColumn) {
  const auto table = [](auto change) { return with<Table>(patch_result(), "robustness", change); };
  EXPECT_EQ(table([](Table& t) { t.rows.pop_back(); }), "");
  EXPECT_THAT(table([](Table& t) { t.columns[0].name = "Relearn 8"; }), HasSubstr("the name \"Relearn 8\""));
  EXPECT_THAT(table([](Table& t) { t.columns[0].name = t.columns[1].name; }), HasSubstr("the column relearn_64 stands twice"));
  EXPECT_THAT(table([](Table& t) { t.columns[0].worst = 1; }), HasSubstr("the worst and the best of relearn_8 are both 1"));
  EXPECT_THAT(table([](Table& t) { t.columns[0].worst.reset(); }), HasSubstr("relearn_8 has one end of its scale"));
  EXPECT_THAT(table([](Table& t) { t.columns[0].best.reset(); }), HasSubstr("relearn_8 has one end of its scale"));
  EXPECT_THAT(table([](Table& t) { t.rows[0].cells.pop_back(); }), HasSubstr("zero_clamp: got 6 cells, expected 7"));
  EXPECT_THAT(table([](Table& t) { t.rows[0].contestant = "nobody"; }), HasSubstr("no contestant \"nobody\""));
  EXPECT_THAT(table([](Table& t) { t.rows[1] = t.rows[0]; }), HasSubstr("the row of zero_clamp stands twice"));
  EXPECT_THAT(table([](Table& t) { t.rows.clear(); }), HasSubstr("robustness: got no row"));
  EXPECT_THAT(table([](Table& t) { t.columns.clear(); }), HasSubstr("robustness: got no column"));
  EXPECT_EQ(reading("/sections/1/rows/0/cells/probe"), "");  // it does not apply
  EXPECT_THAT(reading("/sections/1/rows/0/cells/prone", 1), HasSubstr("prone"));
  EXPECT_THAT(reading("/sections/1/rows/0/cells/probe", "much"), HasSubstr("sections[1].rows[0].cells"));
  EXPECT_THAT(reading("/sections/1/rows/0/cells/probe", 1e12), HasSubstr("sections[1].rows[0].cells"));
  EXPECT_THAT(reading("/sections/1/rows/0/cells/probe/low", 2), HasSubstr("above high"));
}

TEST(Section, CurvesAscendAndNoLineIsLongerThanTheAmounts) {
  const auto doses = [](auto change) { return with<Curves>(patch_result(), "doses", change); };
  const auto tuning = [](auto change) { return with<Curves>(example_result(), "tuning", change); };
  EXPECT_THAT(doses([](Curves& c) { c.at[1] = 0; }), HasSubstr("doses.at: expected a list that ascends"));
  EXPECT_THAT(doses([](Curves& c) { c.at.clear(); }), HasSubstr("doses.at: expected a list that ascends"));
  EXPECT_THAT(doses([](Curves& c) { c.at[4] = 1.5; }), HasSubstr("doses.at: got 1.5, expected shares from 0 to 1"));
  EXPECT_THAT(doses([](Curves& c) { c.at[0] = -0.1; }), HasSubstr("expected shares"));
  EXPECT_THAT(doses([](Curves& c) { c.form = Form::number, c.at[0] = -1; }), HasSubstr("its scale is logarithmic"));
  EXPECT_EQ(doses([](Curves& c) { c.form = Form::number, c.at[0] = -1, c.logarithmic = false; }), "");
  EXPECT_THAT(tuning([](Curves& c) { c.at[1] = 1.5; }), HasSubstr("tuning.at: got 1.5, expected counts"));
  EXPECT_THAT(tuning([](Curves& c) { c.at[0] = -1; }), HasSubstr("tuning.at: got -1, expected counts"));
  EXPECT_THAT(tuning([](Curves& c) { c.lines[0].contestant = "nobody"; }), HasSubstr("no contestant \"nobody\""));
  EXPECT_THAT(tuning([](Curves& c) { c.lines[0].contestant = "knn"; }), HasSubstr("the line of knn stands twice"));
  EXPECT_THAT(tuning([](Curves& c) { c.lines[0].values.push_back({}); }), HasSubstr("a line of 9 values, expected 1 to 8"));
  EXPECT_THAT(tuning([](Curves& c) { c.lines[0].values.clear(); }), HasSubstr("a line of 0 values"));
  EXPECT_THAT(tuning([](Curves& c) { c.lines.clear(); }), HasSubstr("tuning: got no line"));
  EXPECT_EQ(tuning([](Curves& c) { c.lines[0].values.pop_back(); }), "");
  EXPECT_THAT(doses([](Curves& c) { c.slopes[0].contestant = "rank_one"; }), HasSubstr("rank_one has a slope and no line"));
  EXPECT_THAT(doses([](Curves& c) { c.slopes[1] = c.slopes[0]; }), HasSubstr("the slope of zero_clamp stands twice"));
  EXPECT_THAT(doses([](Curves& c) { c.amount.clear(); }), HasSubstr("it has slopes and no amount"));
  EXPECT_EQ(doses([](Curves& c) { c.amount.clear(), c.slopes.clear(); }), "");
  EXPECT_THAT(reading("/sections/3/at", 1), HasSubstr("a list of numbers"));
  EXPECT_THAT(reading("/sections/3/at/1", "much"), HasSubstr("[result.sections[3]] \"at\""));
  EXPECT_THAT(reading("/sections/3/at/1", 1e16), HasSubstr("[result.sections[3]] \"at\""));
  EXPECT_THAT(reading("/sections/3/lines/0/values/1", "much"), HasSubstr("sections[3].lines[0]"));
}

TEST(Section, APriceHasALimitFromAboveAndTheFirstAxisIsTheMetric) {
  const auto scatter = [](auto change) { return with<Scatter>(patch_result(), "side_effects", change); };
  EXPECT_THAT(scatter([](Scatter& s) { s.axes[0].name = "score"; }), HasSubstr("the first axis is score, expected the metric, removed"));
  EXPECT_THAT(scatter([](Scatter& s) { s.axes[2].name = "delta_ce"; }), HasSubstr("the axis delta_ce stands twice"));
  EXPECT_THAT(scatter([](Scatter& s) { s.axes[2].name = "Ability"; }), HasSubstr("the name \"Ability\""));
  EXPECT_THAT(scatter([](Scatter& s) { s.axes.resize(1); }), HasSubstr("got 1 axes, expected at least two"));
  EXPECT_THAT(scatter([](Scatter& s) { s.axes[1].at_most = false, s.axes[1].limit = -1e6; }), HasSubstr("delta_ce has a limit from below"));
  EXPECT_THAT(scatter([](Scatter& s) { s.axes[2].limit.reset(); }), HasSubstr("ability is at least something, and has no limit"));
  EXPECT_EQ(scatter([](Scatter& s) { s.axes[1].limit.reset(); }), "");
  EXPECT_THAT(reading("/sections/0/axes/1/at_least", 0), HasSubstr("a limit from above and from below"));
}

TEST(Section, PointsAreOfRunsAndTheLimitsHold) {
  const auto first = [](auto change) {
    return with<Scatter>(patch_result(), "side_effects", [&](Scatter& s) { change(s, s.clouds[0].points); });
  };
  EXPECT_EQ(first([](auto& s, auto&) { s.clouds.pop_back(); }), "");
  EXPECT_THAT(first([](auto& s, auto&) { s.clouds.clear(); }), HasSubstr("side_effects: got no points"));
  EXPECT_THAT(first([](auto&, auto& points) { points[0].seed = 9; }), HasSubstr("seed 9 with dictionary seed 0: there is no such run"));
  EXPECT_THAT(first([](auto&, auto& points) { points[0].dictionary_seed = -1; }), HasSubstr("with dictionary seed -1: there is no such run"));
  EXPECT_THAT(first([](auto&, auto& points) { points[0].values.pop_back(); }), HasSubstr("got 2 values, expected 3"));
  EXPECT_THAT(first([](auto& s, auto&) { s.clouds[0].contestant = "nobody"; }), HasSubstr("no contestant \"nobody\""));
  EXPECT_THAT(first([](auto& s, auto&) { s.clouds[1] = s.clouds[0]; }), HasSubstr("the points of zero_clamp stands twice"));
  EXPECT_THAT(first([](auto& s, auto&) { s.axes[1].limit = -1; }), HasSubstr("it is allowed, and beyond a limit"));
  EXPECT_THAT(first([](auto& s, auto&) { s.axes[2].limit = 2; }), HasSubstr("it is allowed, and beyond a limit"));
  EXPECT_THAT(first([](auto&, auto& points) {
                for (auto& point : points) point.chosen = true;
              }),
              HasSubstr("a run has two that are chosen"));
  const auto choose = [&](bool others_allowed) {
    return first([&](auto& s, auto& points) {
      points.assign(2, {0, 0, {1, 0, 1}});
      points[0].values[1] = *s.axes[1].limit + 1;
      points[0].chosen = true;
      points[1].allowed = others_allowed;
    });
  };
  EXPECT_THAT(choose(true), HasSubstr("chosen and not allowed, where another one is allowed"));
  EXPECT_EQ(choose(false), "");  // the best of a bad lot
  EXPECT_THAT(reading("/sections/0/clouds/0/points/0/values/ability"), HasSubstr("ability"));
}

TEST(Section, AReferenceStandsOutsideOfTheLimits) {
  Result result = patch_result();
  auto& scatter = body_of<Scatter>(result, "side_effects");
  for (auto& cloud : scatter.clouds) {
    cloud.points.resize(1);
    cloud.points[0].allowed = cloud.points[0].chosen = cloud.contestant == "retrained";
    cloud.points[0].values[1] = 5;
  }
  EXPECT_EQ(error_of([&] { result.check(); }), "");
  scatter.clouds[0].points[0].allowed = true;
  EXPECT_THAT(error_of([&] { result.check(); }), HasSubstr("zero_clamp, a point of seed 0: it is allowed, and beyond a limit"));
}

TEST(Section, ALadderReachesAsFarAsItsChain) {
  const auto ladder = [](auto change) { return with<Checklist>(patch_result(), "certificate", change); };
  EXPECT_THAT(ladder([](Checklist& c) { c.items[1].name = "C0"; }), HasSubstr("the item C0 stands twice"));
  EXPECT_THAT(ladder([](Checklist& c) { c.items[1].name.clear(); }), HasSubstr("a step of the ladder has no name"));
  EXPECT_EQ(ladder([](Checklist& c) { c.items[1].name.clear(), c.ladder = false; }), "");
  EXPECT_THAT(ladder([](Checklist& c) { c.items.clear(); }), HasSubstr("certificate: got no item"));
  EXPECT_THAT(reading("/sections/2/reached", "C5"), HasSubstr("got \"C5\", expected what the items say, \"C3\""));
  EXPECT_THAT(reading("/sections/2/items/0/holds", false), HasSubstr("expected what the items say, \"\""));
  Result result = patch_result();
  auto& list = body_of<Checklist>(result, "certificate");
  EXPECT_EQ(list.reached(), "C3");
  list.items[4].holds = true;
  EXPECT_EQ(list.reached(), "C5");
  list.items[0].holds = false;
  EXPECT_EQ(list.reached(), "");
  list = {false, {{"a", "", true}}};
  EXPECT_EQ(list.reached(), "");  // no ladder
}

TEST(Section, LimitsAreFromAboveOrFromBelow) {
  Scatter scatter{{{"score", ""}, {"price", "", "", "", Form::number, 2}, {"left", "", "", "", Form::percent, 0.9, false}}, {}};
  const auto within = [&](double price, double left) { return scatter.within_limits({0, 0, {1, price, left}}); };
  EXPECT_TRUE(within(2, 0.9));
  EXPECT_FALSE(within(2.1, 0.9));
  EXPECT_FALSE(within(2, 0.89));
  scatter.axes[1].limit.reset();
  EXPECT_TRUE(within(1e6, 0.9));
}

TEST(Section, NumbersAreWrittenInTheirForm) {
  EXPECT_EQ(form_text(Form::number, 0.8421), "0.842");
  EXPECT_EQ(form_text(Form::change, 0.071), "+0.0710");
  EXPECT_EQ(form_text(Form::percent, 0.99123), "99.12 %");
  EXPECT_EQ(form_text(Form::count, 400000), "400,000");
  EXPECT_EQ(form_text(Form::share, 0.0001), "0.01 %");
  EXPECT_EQ(form_text(Form::share, 0), "none");
  EXPECT_EQ(form_interval(Form::number, {0.5, 0.4, 0.6}), "0.400–0.600");
  EXPECT_EQ(form_interval(Form::change, {0.5, -0.1, 0.6}), "−0.1000 to +0.6000");
  EXPECT_EQ(amount_text(Form::number, 0.0005), "0.0005");
  EXPECT_EQ(amount_text(Form::share, 0.25), "25 %");
  EXPECT_EQ(amount_text(Form::count, 1e6), "1,000,000");
  EXPECT_EQ(limit_text({"price", "", "", "nats a token", Form::change, 0.02}), "0.02 nats a token");
  EXPECT_EQ(limit_text({"left", "", "", "", Form::percent, 0.99, false}), "99 %");
  EXPECT_EQ(limit_text({"count", "", "", "sacks", Form::count, 4000}), "4,000 sacks");
  EXPECT_EQ(head_of({"price", "price", "", "nats a token"}), "price (nats a token)");
  EXPECT_EQ(head_of({"price", "price"}), "price");
}

}  // namespace
}  // namespace fairfight
