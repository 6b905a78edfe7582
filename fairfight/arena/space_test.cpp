#include "fairfight/arena/space.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "fairfight/base/error.h"

namespace fairfight {
namespace {

SearchSpace space() { return SearchSpace().hyperparameter("k", {1, 5, 10}).hyperparameter("how", {"mean", "max"}); }

TEST(SearchSpace, DrawsWithoutRepetitionUntilItIsUsedUp) {
  const auto drawn = space().draw(100, Random(1, "space"));
  EXPECT_EQ(drawn.size(), 6u);
  std::set<std::string> different;
  for (const auto& s : drawn) different.insert(s.json().dump());
  EXPECT_EQ(different.size(), 6u);
}

TEST(SearchSpace, TheSameStreamDrawsTheSame) {
  EXPECT_EQ(space().draw(3, Random(1, "space")), space().draw(3, Random(1, "space")));
  EXPECT_NE(space().draw(6, Random(1, "space")), space().draw(6, Random(2, "space")));
}

TEST(SearchSpace, AReadingIsNotDrawn) {
  const auto read = space().reading("side", {"high", "low"});
  EXPECT_EQ(read.size(), 6u);
  EXPECT_EQ(read.draw(6, Random(1, "space")), space().draw(6, Random(1, "space")));
  const auto drawn = read.draw(1, Random(1, "space"))[0];
  const auto readings = read.readings(drawn);
  ASSERT_EQ(readings.size(), 2u);
  EXPECT_EQ(readings[0].text("side"), "high");
  EXPECT_EQ(readings[1].text("side"), "low");
  EXPECT_EQ(readings[1].integer("k"), drawn.integer("k"));
  EXPECT_EQ(read.json().at("side"), Json({"high", "low"}));
  EXPECT_EQ(space().readings(drawn), std::vector<Settings>{drawn});
}

TEST(SearchSpace, SettingsHaveTheirTypes) {
  for (const auto& s : space().draw(6, Random(1, "space"))) {
    EXPECT_GE(s.integer("k"), 1);
    EXPECT_TRUE(s.text("how") == "mean" || s.text("how") == "max");
  }
}

TEST(SearchSpace, DrawsAHyperparametersValuesEvenly) {
  const auto space = SearchSpace().hyperparameter("rate", {1, 2, 3, 4}).evenly("site", {"a", "b", "c"});
  EXPECT_EQ(space.size(), 12u);
  for (uint64_t seed = 0; seed < 20; ++seed)
    for (const size_t trials : {3, 6, 7, 12, 40}) {
      std::map<std::string, size_t> often;
      std::set<Json> different;
      const auto drawn = space.draw(trials, Random(seed, "evenly"));
      for (const auto& settings : drawn) {
        ++often[settings.text("site")];
        different.insert(settings.json());
      }
      EXPECT_EQ(different.size(), std::min<size_t>(trials, 12));
      for (const auto& [site, times] : often) EXPECT_LE(std::max(times, drawn.size() / 3) - std::min(times, drawn.size() / 3), 1u) << site;
      EXPECT_EQ(often.size(), 3u);
    }
}

SearchSpace ranged() { return SearchSpace().hyperparameter("steps", {10, 20, 40}, Ends::open_above).log_uniform("rate", 1e-4, 1e-2); }

TEST(SearchSpace, ARangeIsNeverUsedUpAndCoveredEvenly) {
  const auto drawn = ranged().draw(20, Random(3, "range"));
  ASSERT_EQ(drawn.size(), 20u);
  EXPECT_EQ(ranged().size(), SearchSpace::kEndless);
  std::set<int> parts;  // one draw in each twentieth of the logarithm, up to the rounding to three digits
  for (const auto& s : drawn) {
    EXPECT_TRUE(ranged().has(s.json())) << s.json();
    parts.insert(int(std::round(20 * std::log10(s.number("rate") / 1e-4) / 2 - 0.5)));
  }
  EXPECT_GE(parts.size(), 19u);
  EXPECT_EQ(ranged().draw(20, Random(3, "range")), drawn);
  EXPECT_EQ(ranged().json().at("rate"), Json({{"from", 1e-4}, {"to", 1e-2}, {"uniform_in", "logarithm"}}));
  EXPECT_THROW(SearchSpace().log_uniform("rate", 0, 1), Error);
}

TEST(SearchSpace, KnowsItsOwn) {
  EXPECT_TRUE(space().has({{"k", 5}, {"how", "max"}}));
  EXPECT_FALSE(space().has({{"k", 6}, {"how", "max"}}));
  EXPECT_FALSE(space().has({{"k", 5}}));
  EXPECT_FALSE(space().has({{"k", 5}, {"how", "max"}, {"more", 1}}));
  EXPECT_FALSE(ranged().has({{"steps", 10}, {"rate", 2e-2}}));
}

TEST(SearchSpace, SaysWhatStandsAtAnOpenEnd) {
  using Ends_ = std::vector<std::pair<std::string, double>>;  // "+": the high end; with how often that is so by chance
  const auto ends = [](const SearchSpace& space, const Json& settings) {
    Ends_ list;
    for (const auto& [name, high, chance] : space.at_ends(settings)) list.emplace_back((high ? "+" : "-") + name, chance);
    return list;
  };
  EXPECT_EQ(ends(ranged(), {{"steps", 20}, {"rate", 1e-3}}), Ends_{});
  EXPECT_EQ(ends(ranged(), {{"steps", 10}, {"rate", 1e-3}}), Ends_{});  // fewer are no question
  EXPECT_EQ(ends(ranged(), {{"steps", 40}, {"rate", 1.1e-4}}), (Ends_{{"+steps", 1 / 3.0}, {"-rate", 0.05}}));
  EXPECT_EQ(ends(ranged(), {{"steps", 20}, {"rate", 9.9e-3}}), (Ends_{{"+rate", 0.05}}));
  EXPECT_EQ(ends(space(), {{"k", 1}, {"how", "mean"}}).size(), 1u);  // words have no ends
  EXPECT_EQ(ends(SearchSpace().hyperparameter("share", {0.5, 1.0}, Ends::natural), {{"share", 1.0}}), Ends_{});
}

}  // namespace
}  // namespace fairfight
