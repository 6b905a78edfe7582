#include "fairfight/fights/anomaly/text_anomalies.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "fairfight/io/passages.h"
#include "fairfight/io/tokenizer/unicode.h"

namespace fairfight {
namespace {

const std::string kPassage =
    "Lily found a red ball in the garden. She wanted to show it to her mother!\n\nHer mother was asleep, so she waited. \"Good morning,\" said the "
    "cat. Then they all had breakfast together, and the day was warm.";
const std::string kOther = "The storm came over the hills. Nobody had seen so much rain before. Every boat went home, but one.";

std::string make(std::string_view name, uint64_t seed, const std::string& passage = kPassage) {
  Random random(seed, name);
  return std::find_if(text_anomalies().begin(), text_anomalies().end(), [&](const auto& a) { return a.name == name; })->make(passage, kOther, random);
}

std::vector<std::string> words(const std::string& text) { return Words::of(text).words; }
size_t differing(const std::string& a, const std::string& b) {
  const auto x = words(a), y = words(b);
  EXPECT_EQ(x.size(), y.size()) << b;
  size_t count = 0;
  for (size_t i = 0; i < x.size(); ++i) count += x[i] != y[i];
  return count;
}

TEST(TextAnomalies, AreOtherTextTheSameForASeedAndUtf8) {
  std::set<std::string_view> names;
  const std::string umlauts = "Der Bär aß süße Äpfel über Übermut. Öfter träumte er jählings größere Märchen, würdevoll übrigens.";
  for (const auto& a : text_anomalies()) {
    EXPECT_TRUE(names.insert(a.name).second);
    for (uint64_t seed = 0; seed < 20; ++seed) {
      const auto made = make(a.name, seed);
      EXPECT_NE(made, kPassage) << a.name;
      EXPECT_FALSE(made.empty() && a.name != "swapped" && a.name != "misplaced") << a.name;
      EXPECT_EQ(made, make(a.name, seed));
      EXPECT_TRUE(unicode::is_utf8(make(a.name, seed, umlauts))) << a.name;
    }
  }
}

/// Of languages that write no spaces every rule makes something, but capitals, which they have none of, and puts no space in.
TEST(TextAnomalies, AreMadeOfTextsWithoutSpaces) {
  const std::vector<std::string> passages{
      "莉莉在花园里找到了一个红球。她想把它给妈妈看！可是妈妈睡着了，所以她等着。“早上好，”猫说。然后他们一起吃了早饭。",
      "リリーは庭で赤いボールを見つけました。お母さんに見せたかったのです。でもお母さんは眠っていたので、待ちました。",
      "ลิลลี่พบลูกบอลสีแดงในสวนเธออยากให้แม่ดูแต่แม่กำลังหลับอยู่เธอจึงรอจนถึงเช้าแล้วพวกเขากินอาหารเช้าด้วยกัน"};
  const auto letters = [](const std::string& text) {
    std::multiset<char32_t> all;
    for (size_t at = 0; at < text.size();) all.insert(unicode::next(text, at));
    return all;
  };
  for (const auto& passage : passages)
    for (const auto& a : text_anomalies()) {
      size_t made = 0;
      for (uint64_t seed = 0; seed < 20; ++seed) {
        Random random(seed, a.name);
        const auto text = a.make(passage, passages[0] == passage ? passages[1] : passages[0], random);
        EXPECT_TRUE(unicode::is_utf8(text)) << a.name;
        EXPECT_EQ(text.find(' '), text.npos) << a.name << text;
        EXPECT_NE(text, passage);
        made += !text.empty();
        for (const std::string_view same : {"shuffled", "swapped", "reordered", "typos"})
          if (a.name == same && !text.empty()) {
            EXPECT_EQ(letters(text), letters(passage)) << a.name << text;
          }
      }
      if (a.name == "capitals") {
        EXPECT_EQ(made, 0u);
      } else if (a.name != "reordered") {  // Thai marks no sentences
        EXPECT_GE(made, 15u) << a.name << passage;
      }
    }
  EXPECT_EQ(make("reordered", 0, "他来了。她走了！为什么？"), "为什么？她走了！他来了。");
}

TEST(TextAnomalies, WordsThatComeToStandSideBySideStayTwo) {
  for (uint64_t seed = 0; seed < 20; ++seed)
    for (const char* name : {"shuffled", "dropped", "swapped"})
      for (const auto& word : words(make(name, seed, "我们用Python写程序，也用Java写程序，还用Rust写程序。")))
        EXPECT_LE(std::count_if(word.begin(), word.end(), [](char c) { return c >= 'A' && c <= 'Z'; }), 1) << word;
}

TEST(TextAnomalies, CapitalsAreThoseOfEveryScript) {
  const std::string made = make("capitals", 1, "größer wird der würdige und иные люди были там же где и всегда жили они все");
  EXPECT_NE(made.find("ЖИЛИ ОНИ ВСЕ"), made.npos) << made;
}

TEST(TextAnomalies, BothSidesHaveSome) {
  const auto tested = std::count_if(text_anomalies().begin(), text_anomalies().end(), [](const auto& a) { return a.tested; });
  EXPECT_GE(tested, 5);
  EXPECT_GE(int64_t(text_anomalies().size()) - tested, 2);
}

TEST(TextAnomalies, DoWhatTheySay) {
  const auto original = words(kPassage);
  const auto sorted = [](std::vector<std::string> list) {
    std::sort(list.begin(), list.end());
    return list;
  };
  for (uint64_t seed = 0; seed < 20; ++seed) {
    EXPECT_EQ(sorted(words(make("shuffled", seed))), sorted(original));
    EXPECT_GT(differing(kPassage, make("shuffled", seed)), original.size() / 2);
    EXPECT_EQ(differing(kPassage, make("swapped", seed)), 2u);
    EXPECT_EQ(words(make("doubled", seed)).size(), original.size() + 1);
    EXPECT_EQ(differing(kPassage, make("misplaced", seed)), 1u);
    EXPECT_EQ(words(make("dropped", seed)).size(), original.size() - original.size() / 10);
    EXPECT_EQ(differing(kPassage, make("gibberish", seed)), original.size() / 10);
    const auto typos = make("typos", seed);
    EXPECT_GE(differing(kPassage, typos), 1u);
    for (size_t i = 0; i < original.size(); ++i) {  // the same letters
      auto a = original[i], b = words(typos)[i];
      EXPECT_EQ(a.front(), b.front());
      std::sort(a.begin(), a.end()), std::sort(b.begin(), b.end());
      EXPECT_EQ(a, b);
    }
    const auto loop = words(make("looped", seed));
    for (size_t i = loop.size() / 2 + 4; i < loop.size(); ++i) EXPECT_EQ(loop[i], loop[i - 4]);
    const auto shouted = words(make("capitals", seed));
    EXPECT_EQ(shouted.back(), "WARM.");
  }
}

TEST(TextAnomalies, SentencesChangePlacesWhole) {
  EXPECT_EQ(make("reordered", 0, "One fox. Two hens ran! \"Three cows?\" Four."), "Four. \"Three cows?\" Two hens ran! One fox.");
  EXPECT_EQ(make("reordered", 0, "no sentence ends in here"), "");
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const auto spliced = make("spliced", seed);
    EXPECT_TRUE(spliced.starts_with("Lily found a red ball in the garden. "));
    EXPECT_TRUE(spliced.ends_with("Every boat went home, but one."));
  }
}

}  // namespace
}  // namespace fairfight
