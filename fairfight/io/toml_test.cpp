#include "fairfight/io/toml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fairfight/base/file.h"
#include "fairfight/base/testing.h"

namespace fairfight {
namespace {

using testing::HasSubstr;

std::string error(std::string_view text) {
  return error_of([&] { parse_toml(text, "card.toml"); });
}

TEST(ParseToml, BecomesJson) {
  const Json json = parse_toml(R"(
    title = "Who sees the 猫?"   # a comment
    seeds = [0, 1, 2]
    margin = 0.02
    big = 9223372036854775807
    sealed = true
    [dictionary]
    kind = 'topk'
    [dictionary.more]
    lr = 1e-3
    [[contestants]]
    name = "norm"
    [[contestants]]
    name = "knn"
  )",
                               "card.toml");
  EXPECT_EQ(json, parse_json(R"({"big": 9223372036854775807, "contestants": [{"name": "norm"}, {"name": "knn"}],
                                 "dictionary": {"kind": "topk", "more": {"lr": 0.001}}, "margin": 0.02, "sealed": true,
                                 "seeds": [0, 1, 2], "title": "Who sees the 猫?"})",
                             "x"));
  EXPECT_TRUE(json["big"].is_number_integer());
  EXPECT_EQ(parse_toml("", "card.toml"), Json::object());
}

TEST(ParseToml, KeepsEveryCharacter) {
  const Json json =
      parse_toml("\"ключ\" = 'é\\u00e9'  # §\na = \"é\\u00e9\\ue000\"\nb = \"\"\"\\\n  § 猫 🐈\"\"\"\n", "card.toml");
  EXPECT_EQ(json["ключ"], "é\\u00e9");
  EXPECT_EQ(json["a"], "éé\uE000");
  EXPECT_EQ(json["b"], "§ 猫 🐈");
}

TEST(ParseToml, TakesManyKeysInLinearTime) {
  std::string text;
  for (int i = 0; i < 40'000; ++i) text += fmt::format("k{} = {}\n", i, i);
  EXPECT_EQ(parse_toml(text, "card.toml").size(), 40'000u);
}

TEST(ParseToml, SaysWhereTheErrorIs) {
  EXPECT_THAT(error("a = 1\nb = = 2\n"), HasSubstr("card.toml:2:5"));
  EXPECT_THAT(error("a = 1\nb = 1979-05-27\n"), HasSubstr("card.toml:2:5: dates"));
  EXPECT_THAT(error("x = [1.5,\n nan]"), HasSubstr("card.toml:2:2: not a finite"));
}

TEST(ParseToml, AllowsSixtyFourLevelsAndNoMore) {
  const auto nested = [](size_t n) { return "a = " + std::string(n, '[') + std::string(n, ']'); };
  EXPECT_EQ(error(nested(63)), "");  // the file itself is the first
  EXPECT_THAT(error(nested(64)), HasSubstr("card.toml:1:68: nested deeper than 64 levels"));
}

TEST(ReadToml, NamesTheFile) {
  const ScratchFolder folder;
  write_atomic(folder / "a.toml", "a = 1\n");
  EXPECT_EQ(read_toml(folder / "a.toml")["a"], 1);
  write_atomic(folder / "a.toml", "a = \n");
  EXPECT_THAT(error_of([&] { read_toml(folder / "a.toml"); }), HasSubstr((folder / "a.toml").string() + ":1:"));
}

}  // namespace
}  // namespace fairfight
