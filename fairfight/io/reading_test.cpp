#include "fairfight/io/reading.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fairfight {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using Ids = std::vector<int32_t>;

const fs::path kReadings = fs::path(FAIRFIGHT_ROOT) / "fairfight/io/reference";

/// The words a to c, with what is put around a text: <bos> before it or not, <eos> after it or not.
Tokenizer framed(bool bos, bool eos) {
  Json json = word_level_json({"<bos>", "<eos>", "a", "b", "c"}, {"<bos>", "<eos>"});
  Json& frame = json["post_processor"];
  if (eos) {
    frame["single"].push_back({{"SpecialToken", {{"id", "<eos>"}, {"type_id", 0}}}});
    frame["special_tokens"]["<eos>"] = {{"id", "<eos>"}, {"ids", {1}}, {"tokens", {"<eos>"}}};
  }
  if (!bos) frame["single"].erase(0);
  return Tokenizer::parse(json.dump(), "a test");
}

TEST(Reading, IsThatOfTheTokenizer) {
  EXPECT_THAT(Reading(framed(true, false))("a b"), ElementsAre(0, 2, 3));
  EXPECT_THAT(Reading(framed(false, false))("a b"), ElementsAre(2, 3));
  EXPECT_THAT(Reading(framed(true, true))("a b"), ElementsAre(0, 2, 3, 1));
  EXPECT_THAT(Reading(framed(true, true)).begun("a b"), ElementsAre(0, 2, 3));
  EXPECT_THAT(Reading(framed(true, true)).rendered("a b"), ElementsAre(2, 3));
  EXPECT_EQ(Reading(framed(true, true)).around(), 2u);
}

TEST(Reading, AForcedBosIsOneWhoeverPutsItThere) {
  for (const bool own : {true, false}) {
    const Reading read(framed(own, true), 0);
    EXPECT_THAT(read("a b"), ElementsAre(0, 2, 3, 1)) << own;
    EXPECT_THAT(read.rendered("a b"), ElementsAre(0, 2, 3)) << own;
    EXPECT_THAT(read.rendered("<bos> a"), ElementsAre(0, 2)) << own;
    EXPECT_THAT(read("", 9), ElementsAre(0, 1)) << own;
    EXPECT_EQ(read.around(), 2u) << own;
    EXPECT_EQ(read.bytes_of_first("a b"), 0u) << own;
  }
  EXPECT_THAT(Reading(framed(false, false), 0)("<bos> a"), ElementsAre(0, 2));
  EXPECT_EQ(Reading(framed(false, false), 0).bytes_of_first("<bos> a"), 5u);  // it is in the text
  EXPECT_EQ(Reading(framed(true, false)).bytes_of_first("a b"), 0u);
  EXPECT_EQ(Reading(framed(true, false)).bytes_of_first("a b", true), 1u);  // a template has put nothing there
}

TEST(Reading, OfARenderedTextIsCutWhatTheTokenizerPutsThereAgain) {
  EXPECT_EQ(Reading(framed(true, false)).without_head("<bos> a b"), " a b");
  EXPECT_EQ(Reading(framed(true, false)).without_head("a b"), "a b");
  EXPECT_EQ(Reading(framed(false, false)).without_head("<bos> a b"), "<bos> a b");
  EXPECT_EQ(Reading(framed(false, false), 0).without_head("<bos> a b"), " a b");
}

/// What `tokenizers` makes of 162 texts with 9 tokenizers: reference/make_readings.py.
TEST(Reading, CutsAndCoversAsHuggingFaceDoes) {
  const Json reference = read_json(kReadings / "readings.json");
  const auto texts = reference["texts"].get<std::vector<std::string>>();
  for (const auto& [kind, answers] : reference["kinds"].items()) {
    const Reading read(Tokenizer(kReadings / "tokenizers" / (kind + ".json")));
    for (size_t i = 0; i < texts.size(); ++i) {
      EXPECT_EQ(read(texts[i], reference["tokens"].get<size_t>()), answers["cut"][i].get<Ids>()) << kind << " of " << texts[i];
      if (answers["first"][i].is_null()) continue;  // a part of a letter that is not in the text as it is read
      EXPECT_EQ(read.tokenizer().bytes_of_first(texts[i]), answers["first"][i].get<size_t>()) << kind << " of \"" << texts[i] << "\"";
    }
  }
}

/// Told by hand: a token that is a byte of a letter, a space that the tokenizer adds, what a normalizer changes.
TEST(Reading, TheBytesOfAFirstTokenAreTheTexts) {
  const auto of = [](const char* kind, std::string_view text) { return Tokenizer(kReadings / "tokenizers" / (std::string(kind) + ".json")).bytes_of_first(text); };
  EXPECT_EQ(of("llama2", "\U0001fae0"), 0u);      // the space that it puts before a text is a token of its own
  EXPECT_EQ(of("gemma", "\U0001fae0 x"), 1u);     // byte by byte
  EXPECT_EQ(of("gpt2", "\U0001fae0 x"), 2u);     // its first two bytes are one token
  EXPECT_EQ(of("gpt2", ""), 0u);
}

}  // namespace
}  // namespace fairfight
