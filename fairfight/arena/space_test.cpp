#include "fairfight/arena/space.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

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

}  // namespace
}  // namespace fairfight
