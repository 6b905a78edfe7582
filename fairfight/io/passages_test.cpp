#include "fairfight/io/passages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
      R"("model":{"type":"BPE","vocab":{"a":0,"b":1},"merges":[]}})", "a test");
  Passages cut(bytes, 10);
  EXPECT_THAT(cut.of(std::string(30, 'a')), IsEmpty());
  const std::string rest = repeated("b", 10);
  EXPECT_THAT(cut.of(std::string(30, 'a').append(" ").append(rest)), ElementsAre(rest));
}

}  // namespace
}  // namespace fairfight
