#include "fairfight/io/passages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace fairfight {
namespace {

using testing::ElementsAre, testing::IsEmpty;

std::string repeated(const std::string& word, size_t count) {
  std::string text;
  for (size_t i = 0; i < count; ++i) text += (i == 0 ? "" : " ") + word;
  return text;
}

Tokenizer letters() { return Tokenizer::from_words({"<unk>", "a", "b", "c"}, {"<unk>"}); }

TEST(Words, KeepTheLayout) {
  const Words w = Words::of("  Once,\n\nthere was\ta fox. \n");
  EXPECT_THAT(w.words, ElementsAre("Once,", "there", "was", "a", "fox."));
  EXPECT_EQ(w.text(), "Once,\n\nthere was\ta fox.");
  EXPECT_THAT(Words::of(" \n\t ").words, IsEmpty());
}

TEST(Words, EndWhereUnicodeSaysInScriptsWithoutSpaces) {
  const auto words = [](std::string_view text) {
    const Words w = Words::of(text);
    EXPECT_EQ(w.text(), text);
    return w.words;
  };
  EXPECT_THAT(words("我们今天去公园。天气（很好），再见！"), ElementsAre("我们", "今天", "去", "公园。", "天气", "（很好），", "再见！"));
  EXPECT_THAT(words("東京へ行く。"), ElementsAre("東京", "へ", "行く。"));
  EXPECT_THAT(words("ผมกินข้าว"), ElementsAre("ผม", "กิน", "ข้าว"));
  EXPECT_THAT(words("使用Python程序 and state-of-the-art, (don't)"), ElementsAre("使用", "Python", "程序", "and", "state-of-the-art,", "(don't)"));
  EXPECT_THAT(words("안녕하세요 세계"), ElementsAre("안녕하세요", "세계"));  // Korean has spaces
  EXPECT_THAT(words("eins\u00a0zwei\u3000drei\u2028vier"), ElementsAre("eins", "zwei", "drei", "vier"));
  EXPECT_FALSE(Words::run_together("公园", "天气") || Words::run_together("end.", "Next") || Words::run_together("", "a"));
  EXPECT_TRUE(Words::run_together("one", "two"));
}

/// One token a letter and, before every text, one for where it begins, as SentencePiece has it.
TEST(Passages, OfChineseAreAsLongAsTheyMayBe) {
  std::string vocabulary = R"("▁":0,"<unk>":1)";
  const std::vector<std::string> letters{"我", "们", "今", "天", "去", "公", "园", "看", "书"};
  for (size_t i = 0; i < letters.size(); ++i) vocabulary += ",\"" + letters[i] + "\":" + std::to_string(i + 2);
  const Tokenizer tokenizer = Tokenizer::parse(
      R"({"version":"1.0","added_tokens":[],"normalizer":{"type":"Prepend","prepend":"▁"},"pre_tokenizer":null,"post_processor":null,"decoder":null,)"
      R"("model":{"type":"BPE","vocab":{)" +
          vocabulary + R"(},"merges":[],"unk_token":"<unk>"}})",
      "a test");
  Passages cut(tokenizer, 20);
  std::string document;
  for (int i = 0; i < 10; ++i) document += "我们今天去公园看书";  // nine letters
  const auto passages = cut.of(document);
  ASSERT_GE(passages.size(), 4u);
  std::string joined;
  for (const auto& passage : passages) {
    EXPECT_LE(tokenizer.encode(passage).size(), 21u);
    EXPECT_GE(tokenizer.encode(passage).size(), 18u);
    joined += passage;
  }
  EXPECT_TRUE(document.starts_with(joined));
}

TEST(Passages, CoverADocumentOnceAndInOrder) {
  const Tokenizer tokenizer = letters();
  Passages cut(tokenizer, 10);
  const auto passages = cut.of(repeated("a", 10) + "\n" + repeated("b", 10) + "  " + repeated("c", 6));
  EXPECT_THAT(passages, ElementsAre(repeated("a", 10), repeated("b", 10)));  // and six words are too few
  EXPECT_THAT(cut.of(repeated("a", 10) + " " + repeated("b", 9)), ElementsAre(repeated("a", 10), repeated("b", 9)));
}

TEST(Passages, ARestIsLeftOutUnlessItIsTheDocument) {
  const Tokenizer tokenizer = letters();
  Passages cut(tokenizer, 20);
  EXPECT_THAT(cut.of(repeated("a", 8)), ElementsAre(repeated("a", 8)));
  EXPECT_THAT(cut.of(repeated("a", 7)), IsEmpty());
  EXPECT_THAT(cut.of(repeated("a", 29)), ElementsAre(repeated("a", 20)));                     // 9 are less than half
  EXPECT_THAT(cut.of(repeated("a", 30)), ElementsAre(repeated("a", 20), repeated("a", 10)));  // 10 are half
}

TEST(Passages, AWordThatIsTooLongIsAPassageThatIsTooShort) {
  const Tokenizer bytes = Tokenizer::parse(
      R"({"version":"1.0","added_tokens":[],"normalizer":null,"pre_tokenizer":null,"post_processor":null,"decoder":null,)"
      R"("model":{"type":"BPE","vocab":{"a":0,"b":1},"merges":[]}})",
      "a test");
  Passages cut(bytes, 10);
  EXPECT_THAT(cut.of(std::string(30, 'a')), IsEmpty());
  const std::string rest = repeated("b", 10);
  EXPECT_THAT(cut.of(std::string(30, 'a').append(" ").append(rest)), ElementsAre(rest));
}

/// White space between words is tokens, too: nobody has to cut a passage that is handed out, and no word is lost.
TEST(Passages, HaveAsManyTokensAsAllowedWhateverStandsBetweenTheWords) {
  for (const char* kind : {"gpt2", "llama3", "llama2", "unigram"}) {
    const Tokenizer tokenizer(std::filesystem::path(FAIRFIGHT_ROOT) / "fairfight/io/reference/tokenizers" / (std::string(kind) + ".json"));
    for (const char* gap : {" ", "        ", "\n\n", "\n", "\t\t"}) {
      std::string document;
      for (int i = 0; i < 300; ++i) document += (i ? gap : "") + std::string(i % 3 ? "the" : "water");
      Passages cut(tokenizer, 256);
      size_t words = 0;
      for (const auto& passage : cut.of(document)) {
        EXPECT_LE(tokenizer.encode(passage).size(), 256u) << kind << passage;
        words += Words::of(passage).words.size();
      }
      EXPECT_GE(words, 200u) << kind << gap;  // a last piece may be left out
    }
  }
}

}  // namespace
}  // namespace fairfight
