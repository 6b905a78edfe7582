// Every kind of tokenizer against Hugging Face's own library: 20,000 texts each, which reference/make_tokenizers.py makes in
// the same way, and has written down what `tokenizers` makes of them.

#include <gtest/gtest.h>

#include "fairfight/base/hash.h"
#include "fairfight/base/testing.h"
#include "fairfight/io/tokenizer.h"
#include "fairfight/io/tokenizer/unicode.h"

namespace fairfight {
namespace {

namespace fs = std::filesystem;
const fs::path kFolder = fs::path(FAIRFIGHT_ROOT) / "fairfight/io/reference/tokenizers";
constexpr size_t kStrings = 20'000, kBlock = 100;

/// splitmix64
class Dice {
 public:
  explicit Dice(uint64_t seed) : state_(seed) {}
  uint64_t below(uint64_t n) {
    uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return ((z ^ (z >> 31)) >> 11) % n;
  }

 private:
  uint64_t state_;
};

void append(std::string& text, uint64_t code) {
  unicode::append(text, code >= 0xd800 && code < 0xe000 ? U'A' : char32_t(code));
}

void append_part(std::string& text, Dice& dice, const std::vector<std::string>& pool) {
  constexpr uint64_t kFirst[] = {0, 0, 0, 0x1f300, 0}, kCount[] = {0x110000, 0x3100, 0x250, 0x800, 6};
  const uint64_t kind = dice.below(8);
  if (kind > 4) {
    text += pool[dice.below(pool.size())];
    if (dice.below(2)) text += ' ';
    return;
  }
  for (uint64_t n = 1 + dice.below(7); n > 0; --n) {
    const uint64_t code = kFirst[kind] + dice.below(kCount[kind]);
    append(text, kind == 4 ? uint64_t(" \t\n\r  "[code]) : code);
  }
}

std::vector<std::string> make_texts() {
  const Json source = read_json(kFolder / "texts.json");
  const auto pool = source["pool"].get<std::vector<std::string>>();
  std::vector<std::string> texts(kStrings);
  std::string all;
  for (size_t i = 0; i < kStrings; ++i) {
    Dice dice(i);
    for (uint64_t n = 1 + dice.below(8); n > 0; --n) append_part(texts[i], dice, pool);
    for (size_t k = 0; i % 2 == 1 && k < 11; ++k) append(texts[i], 11 * i + k);
    all += (i ? "\n" : "") + texts[i];
  }
  EXPECT_EQ(sha256(all), source["sha256"].get<std::string>()) << "these are other texts than those of the script";
  return texts;
}

class Reference : public testing::TestWithParam<std::string> {};

TEST_P(Reference, GivesTheIdsAndTextsOfHuggingFace) {
  static const std::vector<std::string> texts = make_texts();
  const Tokenizer tokenizer(kFolder / (GetParam() + ".json"));
  const Json answers = read_json(kFolder / (GetParam() + ".answers.json"));
  ASSERT_EQ(answers["blocks"].size(), kStrings / kBlock);
  for (size_t i = 0; i < answers["ids"].size(); ++i)
    ASSERT_EQ(tokenizer.encode(texts[i], true), answers["ids"][i].get<std::vector<int32_t>>())
        << "text " << i << ": " << texts[i];
  size_t different = 0;
  for (size_t block = 0; block < kStrings / kBlock; ++block) {
    std::string told;
    for (size_t i = block * kBlock; i < (block + 1) * kBlock; ++i) {
      const auto ids = tokenizer.encode(texts[i], true);
      for (size_t k = 0; k < ids.size(); ++k) told += (k ? " " : "") + std::to_string(ids[k]);
      told += "\n" + tokenizer.decode(ids) + "\n" + tokenizer.decode(ids, true) + "\n";
    }
    different += sha256(told).substr(0, 16) != answers["blocks"][block].get<std::string>();
  }
  EXPECT_EQ(noted("blocks of 100 texts read or written otherwise, of 200 a kind of tokenizer, tokenizers", double(different)), 0) << "blocks of " << kBlock << " texts";
}

INSTANTIATE_TEST_SUITE_P(Kinds, Reference,
                         testing::Values("gpt2", "neox", "olmo", "llama3", "qwen2", "deepseek", "gpt4o", "odd_tokens",
                                         "llama2", "mistral", "gemma", "unigram", "unigram_bytes", "charsmap", "words",
                                         "words_digits", "words_split", "words_inverted", "bpe_suffix", "bpe_prefix"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace fairfight
