#include "fairfight/io/tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "fairfight/base/error.h"
#include "fairfight/base/testing.h"

namespace fairfight {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
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
  EXPECT_EQ(word_level_json(tokenizer.pieces(), {"<unk>", "<bos>", "<eos>", "<pad>"}), reference);
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
  EXPECT_EQ(tokenizer.piece(5), "baker");
  EXPECT_EQ(tokenizer.find("zebra"), std::nullopt);
  EXPECT_THAT(error_of([&] { tokenizer.id("zebra"); }), HasSubstr("zebra"));
  EXPECT_EQ(tokenizer.piece(9), "");
  EXPECT_EQ(tokenizer.piece(INT32_MAX), "");
  EXPECT_THAT(error_of([&] { tokenizer.piece(-1); }), HasSubstr("-1"));
  EXPECT_THAT(error_of([&] { tokenizer.decode(Ids{0, -1}); }), HasSubstr("-1"));
}

TEST(Tokenizer, DecodesWhatAModelSamplesAsHuggingFace) {
  const Tokenizer tokenizer(kReference / "tokenizer.json");
  const Json cases = read_json(kReference / "sampled_ids.json");
  ASSERT_EQ(cases.size(), 50u);
  for (const Json& c : cases) {
    EXPECT_EQ(tokenizer.decode(c["ids"].get<Ids>()), c["decoded"].get<std::string>()) << c.dump();
    EXPECT_EQ(tokenizer.decode(c["ids"].get<Ids>(), true), c["words"].get<std::string>()) << c.dump();
  }
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

TEST(Tokenizer, ChangesNothingWhenSeveralThreadsUseIt) {
  const Tokenizer tokenizer(kReference / "tokenizers/gpt2.json");
  const std::string text = "The baker's bread, 123 naïve cats\n  and a harbour";
  const Ids alone = tokenizer.encode(text);
  std::vector<std::thread> threads;
  std::atomic<int> same = 0;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) same += tokenizer.encode(text) == alone;
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(same, 800);
}

TEST(Tokenizer, AddsSpecialTokensOnlyWhenAsked) {
  const Tokenizer tokenizer(kReference / "tokenizers/llama3.json");
  const Ids plain = tokenizer.encode("the baker"), framed = tokenizer.encode("the baker", true);
  ASSERT_EQ(framed.size(), plain.size() + 1);
  EXPECT_EQ(tokenizer.piece(framed[0]), "<|begin_of_text|>");
  EXPECT_EQ(tokenizer.decode(framed), "<|begin_of_text|>the baker");
  EXPECT_EQ(tokenizer.decode(framed, true), "the baker");
}

TEST(Tokenizer, TakesHolesBetweenIds) {
  Json json = word_level_json({"a", "b"}, {});
  json["model"]["vocab"]["b"] = 7;
  const Tokenizer tokenizer = Tokenizer::parse(json.dump(), "t.json");
  EXPECT_EQ(tokenizer.size(), 8u);
  EXPECT_THAT(tokenizer.encode("b a"), ElementsAre(7, 0));
  EXPECT_EQ(tokenizer.decode(Ids{7, 3, 0}), "b a");  // as `tokenizers` has it: a hole is nothing
}

TEST(Tokenizer, RefusesTextThatIsNoUtf8) {
  EXPECT_THAT(error_of([] { town().encode("the \xff"); }), HasSubstr("UTF-8"));
}

/// One word of a megabyte takes n log n steps, and a text of it no deep recursion.
TEST(Tokenizer, IsQuickOnHostileTexts) {
  for (const char* kind : {"gpt2", "llama3", "qwen2", "llama2", "mistral", "gemma", "unigram", "charsmap", "words_split", "neox"}) {
    const Tokenizer tokenizer(kReference / fmt::format("tokenizers/{}.json", kind));
    for (const char* piece : {"a", "th", " ", "\n ", "猫", "e\u0301", "'s", "1"}) {
      std::string text;
      while (text.size() < 300'000) text += piece;
      const auto start = std::chrono::steady_clock::now();
      tokenizer.decode(tokenizer.encode(text));
      EXPECT_LT(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(), 5) << kind << " on " << piece;
    }
  }
}

/// A part of a file of some kind, changed so that fairfight must not take it, and what the refusal names.
struct Foreign {
  const char *kind, *pointer;
  Json value;
  const char* names;
};

TEST(Tokenizer, RefusesWhatItDoesNotImplement) {
  const auto pattern = [](const char* text) { return Json{{"Regex", text}}; };
  const std::vector<Foreign> foreign{
      {"words", "/version", "2.0", "version"},
      {"words", "/surprise", 1, "surprise"},
      {"words", "/truncation", {{"max_length", 5}}, "truncation"},
      {"words", "/padding", {{"strategy", {{"Fixed", 8}}}}, "padding"},
      {"words", "/normalizer", {{"type", "Stutter"}}, "Stutter"},
      {"words", "/normalizer", {{"type", "BertNormalizer"}}, "BertNormalizer"},
      {"words", "/normalizer/surprise", 1, "surprise"},
      {"words", "/normalizer/type", 3, "type"},
      {"words", "/pre_tokenizer", {{"type", "UnicodeScripts"}}, "UnicodeScripts"},
      {"words", "/post_processor", {{"type", "Chain"}}, "Chain"},
      {"words", "/decoder", {{"type", "CTC"}}, "CTC"},
      {"words", "/model/type", "WordPiece", "WordPiece"},
      {"words", "/model/merges", Json::array(), "merges"},
      {"words", "/model/unk_token", 3, "unk_token"},
      {"gpt2", "/model/dropout", 0.1, "dropout"},
      {"gpt2", "/model/surprise", 1, "surprise"},
      {"gpt2", "/model/merges/3", "Ġ", "merge 3"},
      {"gpt2", "/model/merges/3", {"Ġ"}, "two pieces"},
      {"gpt2", "/model/merges/3", {"Ġ", "nowhere"}, "\"nowhere\""},
      {"gpt2", "/model/vocab/a", 100'000'000, "\"a\""},
      {"gpt2", "/model/vocab/a", 1, "same id 1"},
      {"gpt2", "/model/vocab/a", -1, "integer"},
      {"gpt2", "/model/vocab/a", "1", "integer"},
      {"gpt2", "/added_tokens/0/id", 5, "<|endoftext|>"},
      {"gpt2", "/added_tokens/0/content", "", "empty"},
      {"gpt2", "/added_tokens/0/special", 1, "true or false"},
      {"gpt2", "/added_tokens/0/surprise", 1, "surprise"},
      {"llama3", "/pre_tokenizer/pretokenizers/0/behavior", "Sideways", "behavior"},
      {"llama3", "/pre_tokenizer/pretokenizers/0/pattern", pattern("("), "regular expression"},
      {"llama3", "/pre_tokenizer/pretokenizers/0/pattern", pattern("[a"), "without an end"},
      {"llama3", "/pre_tokenizer/pretokenizers/0/pattern", pattern("[a[b]]"), "class in a class"},
      {"llama3", "/pre_tokenizer/pretokenizers/0/pattern", pattern("\\h+"), "\\h"},
      {"llama3", "/pre_tokenizer/pretokenizers/0/pattern", pattern("(a)\\1"), "\\1"},
      {"llama3", "/pre_tokenizer/pretokenizers/0/pattern", pattern("\\p{Klingon}"), "Klingon"},
      {"llama3", "/pre_tokenizer/pretokenizers/0/pattern", pattern("(?<name>a)"), "(?<n"},
      {"llama3", "/pre_tokenizer/pretokenizers/0/pattern", pattern("a{,3}"), "{n,m}"},
      {"llama3", "/pre_tokenizer/pretokenizers/0/pattern", pattern("((((a{1000}){1000}){1000}){1000})"), "regular expression"},
      {"llama3", "/pre_tokenizer/pretokenizers/0/pattern", pattern(std::string(20'000, 'a').c_str()), "longer than"},
      {"llama3", "/pre_tokenizer/pretokenizers/0/pattern", {{"String", ""}}, "empty"},
      {"llama3", "/post_processor/processors/1/special_tokens/<|begin_of_text|>/ids/0", 5'000, "ids"},
      {"llama3", "/post_processor/processors/1/single", Json::array(), "0 times"},
      {"unigram", "/model/unk_id", 10'000, "unk_id"},
      {"unigram", "/model/vocab/5", {"a"}, "a piece and its score"},
      {"unigram", "/model/vocab/5", {"a", "b"}, "a number"},
      {"charsmap", "/normalizer/normalizers/0/precompiled_charsmap", "%", "base64"},
      {"charsmap", "/normalizer/normalizers/0/precompiled_charsmap", "AAAA", "charsmap"},
      {"mistral", "/pre_tokenizer/prepend_scheme", "sometimes", "prepend_scheme"},
      {"mistral", "/pre_tokenizer/replacement", "ab", "single character"}};
  for (const auto& [kind, pointer, value, names] : foreign) {
    Json json = read_json(kReference / fmt::format("tokenizers/{}.json", kind));
    json[Json::json_pointer(pointer)] = value;
    EXPECT_THAT(error_of([&] { Tokenizer::parse(json.dump(), "t.json"); }), AllOf(HasSubstr("t.json"), HasSubstr(names), Not(HasSubstr("\n"))))
        << kind << pointer << " " << value;
  }
}

TEST(Tokenizer, GivesUpOnARegexThatFindsNoEnd) {
  Json json = read_json(kReference / "tokenizers/llama3.json");
  json["pre_tokenizer"]["pretokenizers"][0]["pattern"]["Regex"] = "(?:a|aa)+[bc]";
  const Tokenizer tokenizer = Tokenizer::parse(json.dump(), "t.json");
  EXPECT_THAT(error_of([&] { tokenizer.encode(std::string(100, 'a')); }), HasSubstr("finds no end"));
}

}  // namespace
}  // namespace fairfight
