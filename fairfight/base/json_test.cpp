#include "fairfight/base/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "fairfight/base/file.h"
#include "fairfight/base/testing.h"

namespace fairfight {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string parse_error(std::string_view text) {
  return error_of([&] { parse_json(text, "card.json"); });
}

TEST(ParseJson, KeepsOrderAndNumbersAsTheyAre) {
  const Json json = parse_json(R"({"z": 1, "a": [-2, 2.5, 18446744073709551615, true, null, "é"]})", "x");
  EXPECT_EQ(json.begin().key(), "z");
  EXPECT_EQ(json["a"].dump(), R"([-2,2.5,18446744073709551615,true,null,"é"])");
}

TEST(ParseJson, RefusesWhatIsNotStrictJson) {
  for (const char* text :
       {"", "   ", "{", "[1,]", "{\"a\":1,}", "{'a':1}", "[01]", "[+1]", "[.5]", "[NaN]", "[Infinity]", "[1] 2",
        "{\"a\":1}{", "[1e999]", "// no\n[1]", "\"\\ud800\"", "\"\xff\"", "\"\xc0\x80\"", "\"a\nb\""})
    EXPECT_THAT(parse_error(text), AllOf(HasSubstr("card.json"), Not(HasSubstr("\n")))) << text;
}

TEST(ParseJson, RefusesZeroBytesWhereverTheyStand) {
  for (const std::string& text :
       {std::string("[1]\0", 4), std::string("[1]\0 polyglot", 13), std::string("[1,\0 2]", 7), std::string("\0", 1)})
    EXPECT_THAT(parse_error(text), HasSubstr("zero byte"));
}

TEST(ParseJson, SaysWhereTheErrorIs) { EXPECT_THAT(parse_error("{\n \"a\": tru}"), HasSubstr("line 2, column 10")); }

TEST(ParseJson, RefusesAKeyThatStandsTwice) {
  EXPECT_THAT(parse_error(R"({"a": 1, "b": {}, "a": 1})"), HasSubstr("\"a\" stands twice"));
  EXPECT_THAT(parse_error(R"([{"x": {"a": 1, "\u0061": 2}}])"), HasSubstr("\"a\" stands twice"));
  EXPECT_EQ(parse_error(R"({"a": {"a": {"b": 1}, "b": 2}, "b": [{"a": 1}, {"a": 1}]})"), "");
}

TEST(ParseJson, AllowsSixtyFourLevelsAndNoMore) {
  const auto nested = [](size_t n) { return std::string(n, '[') + std::string(n, ']'); };
  EXPECT_EQ(parse_error(nested(64)), "");
  EXPECT_THAT(parse_error(nested(65)), HasSubstr("64 levels"));
  EXPECT_THAT(parse_error(std::string(1'000'000, '[')), HasSubstr("64 levels"));
}

TEST(ParseJson, TakesABigVocabularyInLinearTime) {
  std::string text = "{";
  for (int i = 0; i < 200'000; ++i) text += fmt::format("\"word{}\":{},", i, i);
  EXPECT_EQ(parse_json(text + "\"last\":0}", "x").size(), 200'001u);  // a quadratic parser takes a minute
}

TEST(ReadJson, NamesTheFile) {
  const ScratchFolder folder;
  write_atomic(folder / "a.json", "{\"a\" 1}");
  EXPECT_THAT(error_of([&] { read_json(folder / "a.json"); }), HasSubstr((folder / "a.json").string()));
}

TEST(DumpJson, ComesBackAsItWas) {
  const std::string text = R"({"a": [1, -1, 0.1, 1e-300, "\" \\ \n ü"], "b": {"c": null, "d": true}})";
  const Json json = parse_json(text, "x");
  EXPECT_EQ(parse_json(dump_json(json), "x"), json);
  EXPECT_EQ(dump_json(Json::object()), "{}\n");
}

TEST(DumpJson, RefusesNumbersThatAreNone) {
  EXPECT_THAT(error_of([] { dump_json({{"auroc", {0.5, std::nan("")}}}); }), HasSubstr("auroc[1]"));
  EXPECT_THAT(error_of([] { dump_json(INFINITY); }), HasSubstr("not a finite number"));
}

TEST(DumpJson, ReplacesBytesThatAreNotUtf8) { EXPECT_EQ(dump_json("a\xff"), "\"a\uFFFD\"\n"); }

class FieldsTest : public testing::Test {
 protected:
  Json json_ = parse_json(R"({"i": 3, "negative": -3, "big": 18446744073709551615, "x": 2.5, "flag": true, "text": "t",
                              "integers": [1, 2], "texts": ["a", "b"], "object": {"k": 1}, "wrap": [18446744073709551615]})",
                          "x");
  Fields fields_{json_, "card"};
};

TEST_F(FieldsTest, ReadsEachType) {
  EXPECT_EQ(fields_.integer("i", 0, 3), 3);
  EXPECT_EQ(fields_.number("x"), 2.5);
  EXPECT_EQ(fields_.number("i"), 3);
  EXPECT_TRUE(fields_.flag("flag"));
  EXPECT_EQ(fields_.text("text"), "t");
  EXPECT_EQ(fields_.one_of("text", {"s", "t"}), "t");
  EXPECT_THAT(fields_.integers("integers", 0, 9), ElementsAre(1, 2));
  EXPECT_THAT(fields_.texts("texts"), ElementsAre("a", "b"));
  EXPECT_EQ(fields_.object("object").integer("k", 0, 1), 1);
}

TEST_F(FieldsTest, TakesTheOtherwiseOnlyWhereTheKeyIsMissing) {
  EXPECT_EQ(fields_.integer_or("missing", 7, 0, 9), 7);
  EXPECT_EQ(fields_.integer_or("i", 7, 0, 9), 3);
  EXPECT_EQ(fields_.number_or("missing", 0.5), 0.5);
  EXPECT_TRUE(fields_.flag_or("missing", true));
  EXPECT_EQ(fields_.text_or("missing", "other"), "other");
  EXPECT_THAT(error_of([&] { fields_.integer_or("text", 7, 0, 9); }), HasSubstr("\"text\""));
}

TEST_F(FieldsTest, RefusesOtherTypesAndRanges) {
  const std::vector<std::function<void()>> wrong{[&] { fields_.integer("x", 0, 9); },
                                                 [&] { fields_.integer("negative", 0, 9); },
                                                 [&] { fields_.integer("i", 0, 2); },
                                                 [&] { fields_.integer("big", -9, INT64_MAX); },
                                                 [&] { fields_.integer("flag", 0, 9); },
                                                 [&] { fields_.number("text"); },
                                                 [&] { fields_.number("x", 0, 1); },
                                                 [&] { fields_.flag("i"); },
                                                 [&] { fields_.text("i"); },
                                                 [&] {
                                                   fields_.one_of("text", {"a", "b"});
                                                 },
                                                 [&] { fields_.integers("texts", 0, 9); },
                                                 [&] { fields_.integers("integers", 0, 1); },
                                                 [&] { fields_.integers("wrap", -9, 9); },
                                                 [&] { fields_.integers("object", 0, 9); },
                                                 [&] { fields_.texts("integers"); },
                                                 [&] { fields_.texts("object"); },
                                                 [&] { fields_.object("integers"); },
                                                 [&] { fields_.text("missing"); }};
  for (size_t i = 0; i < wrong.size(); ++i)
    EXPECT_THAT(error_of(wrong[i]), AllOf(HasSubstr("[card"), Not(HasSubstr("\n")))) << i;
}

TEST_F(FieldsTest, FinishRefusesWhatNobodyAskedFor) {
  for (const auto& [key, value] : json_.items())
    if (key != "x" && key != "i") fields_.any(key);
  EXPECT_THAT(error_of([&] { fields_.finish(); }), HasSubstr("unknown key \"i\""));
  fields_.ignore("i");
  EXPECT_THAT(error_of([&] { fields_.finish(); }), HasSubstr("unknown key \"x\""));
  fields_.number("x");
  EXPECT_EQ(error_of([&] { fields_.finish(); }), "");
}

TEST_F(FieldsTest, AnObjectKnowsWhereItLies) {
  EXPECT_THAT(error_of([&] { fields_.object("object").text("k"); }),
              HasSubstr("[card.object] \"k\": got 1, expected a text"));
}

}  // namespace
}  // namespace fairfight
