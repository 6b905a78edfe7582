#include "fairfight/arena/space.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace fairfight
