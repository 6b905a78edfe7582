#include "fairfight/io/tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fairfight/base/error.h"
#include "fairfight/base/testing.h"

namespace fairfight {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using Ids = std::vector<int32_t>;

const fs::path kReference = fs::path(FAIRFIGHT_ROOT) / "fairfight/io/reference";

Tokenizer town() {
  return Tokenizer::from_words({"<pad>", "<bos>", "<eos>", "<unk>", "the", "baker", "sells", "bread", "."},
                               {"<pad>", "<bos>", "<eos>", "<unk>"});
}

TEST(Tokenizer, GivesTheIdsOfHuggingFace) {
  const Tokenizer tokenizer(kReference / "tokenizer.json");
  const Json cases = read_json(kReference / "tokenizer_cases.json");
  ASSERT_EQ(cases.size(), 200u);
  for (const Json& c : cases) {
    const auto ids = tokenizer.encode(c["text"].get<std::string>());
    EXPECT_EQ(ids, c["ids"].get<Ids>()) << c.dump();
    EXPECT_EQ(tokenizer.decode(ids), c["decoded"].get<std::string>());
  }
}

TEST(Tokenizer, WritesTheFileThatHuggingFaceWrites) {
  const Json reference = read_json(kReference / "tokenizer.json");
  const Tokenizer tokenizer(kReference / "tokenizer.json");
  EXPECT_EQ(tokenizer.to_json(), reference);
  EXPECT_EQ(Tokenizer::from_words(tokenizer.words(), {"<unk>", "<bos>", "<eos>", "<pad>"}).to_json(), reference);
}

TEST(Tokenizer, EncodesWordsAndComesBack) {
  const Tokenizer tokenizer = town();
  const Ids ids = tokenizer.encode("<bos> the baker\n sells bread . <eos>");
  EXPECT_THAT(ids, ElementsAre(1, 4, 5, 6, 7, 8, 2));
  EXPECT_EQ(tokenizer.decode(ids), "<bos> the baker sells bread . <eos>");
  EXPECT_EQ(tokenizer.encode(tokenizer.decode(ids)), ids);
  EXPECT_TRUE(tokenizer.encode(" \t ").empty());
  EXPECT_EQ(tokenizer.decode(Ids{}), "");
}

TEST(Tokenizer, KnowsItsWords) {
  const Tokenizer tokenizer = town();
  EXPECT_EQ(tokenizer.size(), 9u);
  EXPECT_EQ(tokenizer.id("baker"), 5);
  EXPECT_EQ(tokenizer.word(5), "baker");
  EXPECT_EQ(tokenizer.find("zebra"), std::nullopt);
  EXPECT_THAT(error_of([&] { tokenizer.id("zebra"); }), HasSubstr("zebra"));
  EXPECT_THAT(error_of([&] { tokenizer.word(9); }), HasSubstr("9"));
  EXPECT_THAT(error_of([&] { tokenizer.word(-1); }), HasSubstr("-1"));
  EXPECT_THAT(error_of([&] { tokenizer.decode(Ids{0, 9}); }), HasSubstr("9"));
}

TEST(Tokenizer, TakesUnknownWordsOnlyIfThereIsAnUnknownToken) {
  EXPECT_THAT(town().encode("the zebra"), ElementsAre(4, 3));
  const Tokenizer strict = Tokenizer::from_words({"the", "<eos>"}, {"<eos>"});
  EXPECT_THAT(strict.encode("the<eos>"), ElementsAre(0, 1));
  EXPECT_THAT(error_of([&] { strict.encode("the zebra"); }), HasSubstr("\"zebra\""));
}

TEST(Tokenizer, TakesTheLongestSpecialToken) {
  const Tokenizer tokenizer = Tokenizer::from_words({"<a>", "<a><b>", "<b>", "x"}, {"<a>", "<b>", "<a><b>"});
  EXPECT_THAT(tokenizer.encode("x<a><b><b><a>x"), ElementsAre(3, 1, 2, 0, 3));
}

TEST(Tokenizer, RefusesWordsThatWouldNotEncodeToThemselves) {
  const auto error = [](std::vector<std::string> words, std::vector<std::string> specials) {
    return error_of([&] { Tokenizer::from_words(words, specials); });
  };
  EXPECT_THAT(error({"a", "b", "a"}, {}), HasSubstr("\"a\" stands twice"));
  EXPECT_THAT(error({"a", "two words"}, {}), HasSubstr("\"two words\""));
  EXPECT_THAT(error({"a", ""}, {}), HasSubstr("\"\""));
  EXPECT_THAT(error({"<eos>", "x<eos>"}, {"<eos>"}), HasSubstr("\"x<eos>\""));
  EXPECT_THAT(error({"a"}, {"<eos>"}), HasSubstr("\"<eos>\""));
  EXPECT_THAT(error({"<eos>"}, {"<eos>", "<eos>"}), HasSubstr("stands twice"));
}

TEST(Tokenizer, RefusesWhatItDoesNotImplement) {
  const auto refusal = [](const std::string& pointer, const Json& value) {
    Json json = town().to_json();
    json[Json::json_pointer(pointer)] = value;
    return error_of([&] { Tokenizer(json, "t.json"); });
  };
  ASSERT_EQ(refusal("/version", "1.0"), "");
  const std::vector<std::pair<std::string, Json>> foreign{{"/normalizer", {{"type", "Lowercase"}}},
                                                          {"/post_processor", {{"type", "TemplateProcessing"}}},
                                                          {"/decoder", {{"type", "ByteLevel"}}},
                                                          {"/padding", {{"strategy", "BatchLongest"}}},
                                                          {"/truncation", {{"max_length", 5}}},
                                                          {"/pre_tokenizer", nullptr},
                                                          {"/pre_tokenizer/type", "Whitespace"},
                                                          {"/pre_tokenizer/behavior", "Isolated"},
                                                          {"/model/type", "BPE"},
                                                          {"/model/merges", Json::array()},
                                                          {"/version", "2.0"},
                                                          {"/surprise", 1},
                                                          {"/added_tokens/0/single_word", true},
                                                          {"/added_tokens/0/lstrip", true},
                                                          {"/added_tokens/0/rstrip", true},
                                                          {"/added_tokens/0/normalized", true},
                                                          {"/added_tokens/0/special", false}};
  for (const auto& [pointer, value] : foreign)
    EXPECT_THAT(refusal(pointer, value), AllOf(HasSubstr("t.json"), Not(HasSubstr("\n")))) << pointer;
}

}  // namespace
}  // namespace fairfight
