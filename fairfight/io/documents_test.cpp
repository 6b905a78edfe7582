#include "fairfight/io/documents.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fairfight {
namespace {

using testing::ElementsAre, testing::IsEmpty;

std::string words_again(const std::string& word, size_t count) {
  std::string text;
  for (size_t i = 0; i < count; ++i) text += (i == 0 ? "" : " ") + word;
  return text;
}

TEST(Documents, AreCountedAndWhatWasSeenIsDropped) {
  const Tokenizer tokenizer = Tokenizer::from_words({"<unk>", "a", "b", "c", "d"}, {"<unk>"});
  Passages cut(tokenizer, 10);
  std::set<uint64_t> seen;
  Documents documents(cut, seen);
  EXPECT_THAT(documents.take(words_again("a", 10) + " " + words_again("b", 12)), ElementsAre(words_again("a", 10), words_again("b", 10)));  // and two are left out
  EXPECT_THAT(documents.take("\u3000" + words_again("a", 10) + " " + words_again("b", 12) + "\n"), IsEmpty());                        // a copy
  EXPECT_THAT(documents.take(words_again("c", 10) + " " + words_again("a", 10)), ElementsAre(words_again("c", 10)));                     // half of it is known
  EXPECT_THAT(documents.take("d d d"), IsEmpty());
  documents.drop();
  EXPECT_EQ(documents.count().json(),
            (Json{{"documents", 4}, {"duplicates", 1}, {"too_short", 1}, {"dropped", 1}, {"passages", 3}, {"repeated", 1}, {"left_out", 1}}));
  EXPECT_EQ(documents.count().sentence("x.jsonl", 10),
            "x.jsonl: 4 documents (1 copy dropped, 1 shorter than 8 words dropped, 1 more dropped for holding something of the behaviour), cut into 3 passages of at most 10 "
            "tokens; 1 pieces under half a passage or 8 words left out, 1 passage that came twice dropped");
  Documents others(cut, seen);
  EXPECT_THAT(others.take(words_again("c", 10)), IsEmpty());  // of another file
  EXPECT_EQ(others.count().sentence("y.csv", 10, "held-out "), "y.csv: 1 held-out document (1 copy dropped), cut into 0 passages of at most 10 tokens");
}

}  // namespace
}  // namespace fairfight
