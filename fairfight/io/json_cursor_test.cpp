#include "fairfight/io/json_cursor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fairfight/base/json.h"
#include "fairfight/base/testing.h"

namespace fairfight {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(JsonCursor, ReadsAShapeThatItsCallerKnows) {
  JsonCursor json(" {\t\"a\" : [ 1,2 ,\r\n 9223372036854775807 ], \"b\":{}, \"c\":[]} ", "x");
  std::vector<std::string> keys;
  std::vector<uint64_t> numbers;
  json.object([&](std::string key) {
    keys.push_back(key);
    if (key == "b")
      json.object([](const std::string&) {});
    else
      json.array([&] { numbers.push_back(json.natural()); });
  });
  json.end();
  EXPECT_THAT(keys, ElementsAre("a", "b", "c"));
  EXPECT_THAT(numbers, ElementsAre(1, 2, INT64_MAX));
}

/// As the tree's parser, both in what is a text and in what it says.
TEST(JsonCursor, TextsAreThoseOfTheStrictParser) {
  const std::vector<std::string> bodies{
      "", "plain", "Größe 猫 😀 \x7f", R"(\" \\ \/ \b \f \n \r \t)", R"(\u0041\u00e9\u732B\ud83d\ude00\u0000)", R"(\\u0041)",
      // none of them
      "\x1f", "tab\there", "\x7f\x80", "\xc0\xaf", "\xc3", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
      "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe7\x8c", R"(\x)", R"(\u12)", R"(\u12g4)", R"(\u+123)", R"(\ud83d)",
      R"(\ud83d\n)", R"(\ud83d\u0041)", R"(\ude00)", R"(\)", R"(\u004)"};
  int texts = 0;
  for (const auto& body : bodies) {
    const std::string quoted = '"' + body + '"';
    Json tree;
    std::string text;
    const bool strict = error_of([&] { tree = parse_json(quoted, "x"); }).empty();
    const bool ours = error_of([&] {
                        JsonCursor json(quoted, "x");
                        text = json.text();
                        json.end();
                      }).empty();
    EXPECT_EQ(ours, strict) << quoted;
    if (strict && ours) {
      EXPECT_EQ(text, tree.get<std::string>());
    }
    texts += ours;
  }
  EXPECT_EQ(texts, 6);
}

TEST(JsonCursor, NaturalsAreIntegersAndNothingElse) {
  const auto error = [](const std::string& text) {
    return error_of([&] {
      JsonCursor json(text, "x");
      json.natural();
      json.end();
    });
  };
  EXPECT_EQ(error("0"), "");
  for (const char* wrong : {"", "-1", "-0", "+1", "01", "1.0", "1e3", "0x1", "1 2", "9223372036854775808",
                            "18446744073709551617", "true", "\"1\"", "[1]"})
    EXPECT_THAT(error(wrong), HasSubstr("expected")) << wrong;
}

TEST(JsonCursor, SaysWhereItStandsAndWhatIsThere) {
  const auto error = [](const std::string& text) {
    return error_of([&] {
      JsonCursor json(text, "file");
      json.object(
          [&](const std::string&) { json.object([&](const std::string&) { json.array([&] { json.natural(); }); }); });
      json.end();
    });
  };
  EXPECT_EQ(error(R"({"a":{"b":[1]}})"), "");
  EXPECT_EQ(error(R"({"a":{"b\n":[1,-2]}})"),
            "[json] file: \"a\".\"b \": byte 15: got -2, expected an integer from 0 to 9223372036854775807");
  EXPECT_EQ(error(R"({"a":{"b":{}}})"), "[json] file: \"a\".\"b\": byte 10: got an object, expected an array");
  EXPECT_EQ(error(R"({"a":{"b":[1]},})"), "[json] file: byte 15: got }, expected a key");
  EXPECT_EQ(error(R"({"a":{"b":[1,]}})"),
            "[json] file: \"a\".\"b\": byte 13: got ], expected an integer from 0 to 9223372036854775807");
  EXPECT_THAT(error(R"({"a":{"b":[1] "c":[]}})"), HasSubstr("got a text, expected a comma or the object's end"));
  EXPECT_THAT(error(R"({"a":{"b":[1 2]}})"), HasSubstr("got 2, expected a comma or the array's end"));
  EXPECT_THAT(error(R"({"a" {}})"), HasSubstr("expected a colon"));
  EXPECT_THAT(error(R"({"a":{)"), AllOf(HasSubstr("\"a\""), HasSubstr("got the end of the text")));
  EXPECT_THAT(error("{\"a"), HasSubstr("expected a closing quote"));
  EXPECT_THAT(error("{\"a\\"), HasSubstr("expected a closing quote"));
  EXPECT_THAT(error("{} {}"), HasSubstr("byte 3: got an object, expected nothing more"));
  EXPECT_THAT(error(std::string("{}\0", 3)), HasSubstr("got a byte 0x00"));
}

}  // namespace
}  // namespace fairfight
