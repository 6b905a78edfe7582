#include "fairfight/dict/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fairfight/base/testing.h"

namespace fairfight {
namespace {

TEST(DictionarySettings, SurviveTheWayThroughJson) {
  DictionarySettings s;
  s.kind = "kmeans";
  s.width = 77;
  s.lr = 1e-4;
  s.aux_coefficient = 0;
  s.seed = 12;
  const Json json = to_json(s);
  EXPECT_EQ(to_json(read_dictionary_settings(Fields(json, "card"))), json);
}

TEST(DictionarySettings, DefaultsFollowTheLiterature) {
  DictionarySettings s;
  s.width = 16384;
  s.tokens = 1'000'000'000;
  EXPECT_DOUBLE_EQ(s.peak_lr(), 2e-4);
  EXPECT_EQ(s.dead_after(), 10'000'000);
  s.width = 4096;
  EXPECT_DOUBLE_EQ(s.peak_lr(), 4e-4);
  s.tokens = 1'000'000;
  EXPECT_EQ(s.dead_after(), 100'000);
}

TEST(DictionarySettings, TheLearningRateRisesStandsAndFalls) {
  DictionarySettings s;
  s.lr = 1e-3;
  s.batch = 10;
  s.tokens = 1000;  // 100 steps: 5 of warm-up, 20 of decay
  EXPECT_DOUBLE_EQ(s.lr_at(0), 0.2e-3);
  EXPECT_DOUBLE_EQ(s.lr_at(4), 1e-3);
  EXPECT_DOUBLE_EQ(s.lr_at(79), 1e-3);
  EXPECT_DOUBLE_EQ(s.lr_at(99), 1e-3 / 21);
}

TEST(DictionarySettings, RefuseNonsense) {
  const auto error_for = [](const char* text) {
    const Json json = parse_json(text, "card");
    return error_of([&] { read_dictionary_settings(Fields(json, "card")); });
  };
  EXPECT_THAT(error_for(R"({"width": 8, "k": 9})"), testing::HasSubstr("an integer from 1 to 8"));
  EXPECT_THAT(error_for(R"({"lr": 1})"), testing::HasSubstr("lr"));
  EXPECT_THAT(error_for(R"({"with": 8})"), testing::HasSubstr("unknown key"));
  DictionarySettings s;
  s.tokens = 0;
  EXPECT_THAT(error_of([&] { require_sound(s); }), testing::HasSubstr("tokens: got 0"));
}

}  // namespace
}  // namespace fairfight
