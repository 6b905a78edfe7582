#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "fairfight/base/file.h"
#include "fairfight/base/hash.h"
#include "fairfight/base/testing.h"
#include "fairfight/fights/anomaly/ground.h"
#include "fairfight/fights/list.h"
#include "fairfight/organism/text.h"

namespace fairfight {
namespace {

using testing::HasSubstr;

/// Documents of a town as a user's file would have them.
std::vector<std::string> town_texts(uint64_t seed, size_t count) {
  const tinytown::World world(seed);
  std::vector<std::string> texts;
  for (const auto& d : tinytown::draw_documents(world, tinytown::Split::test, "own", count)) texts.push_back(world.text({d.tokens.begin() + 1, d.tokens.end() - 1}));
  return texts;
}

void write_lines(const std::filesystem::path& file, const std::vector<std::string>& texts) {
  std::string lines;
  for (const auto& text : texts) lines += Json{{"text", text}}.dump() + "\n";
  write_atomic(file, lines);
}

class AnomalyOwn : public testing::Test {
 protected:
  Json data(size_t test = 30) const {
    return {{"text", (scratch_ / "text.jsonl").string()}, {"passage", tinytown::kLongest}, {"pool", 200}, {"validation", 20}, {"calibration", 20}, {"labelled", 20}, {"test", test}, {"families", {"shuffled", "spliced"}}, {"validation_families", {"doubled"}}};
  }
  AnomalyGround ground(const Json& data) const {
    Card card;
    card.models = {"organisms/tinytown-0"};
    card.seeds = {3};
    return own_ground(card, AnomalyData(data));
  }
  ScratchFolder scratch_;
};

TEST_F(AnomalyOwn, EveryDocumentIsInOneGroupOnly) {
  auto texts = town_texts(0, 600);
  const std::set<std::string> known(texts.begin(), texts.end());
  texts.insert(texts.end(), texts.begin(), texts.begin() + 100);  // again
  write_lines(scratch_ / "text.jsonl", texts);
  const auto g = ground(data());
  EXPECT_EQ(g.pool.size(), 200u);
  EXPECT_EQ(g.calibration.size(), 20u);
  EXPECT_EQ(g.test.at("spliced").size(), 30u);
  EXPECT_EQ(g.labelled.size(), 3u);
  EXPECT_THAT(g.note, testing::MatchesRegex("text.jsonl: 700 documents .1[0-9][0-9] copies dropped.*, cut into [0-9]+ passages of at most 95 tokens.*"));
  EXPECT_EQ(g.datasheet["text"]["documents"], 700);
  EXPECT_GE(g.datasheet["text"]["duplicates"].get<int>(), 100);

  std::map<std::multiset<std::string>, int> uses;  // by their words, so that a shuffled document is found again
  const auto key = [](const std::string& text) {
    std::multiset<std::string> words;
    std::string word;
    for (const char c : text + " ") c == ' ' ? (words.insert(std::exchange(word, "")), 0) : (word += c, 0);
    return words;
  };
  size_t clean = 0;
  for (const auto* list : {&g.pool, &g.calibration, &g.test.at("clean"), &g.validation.at("clean"), &g.labelled.at("clean"), &g.test.at("shuffled"),
                           &g.labelled.at("shuffled")})
    for (const auto& text : *list) {
      ++uses[key(text)];
      clean += known.contains(text);
    }
  for (const auto& [words, count] : uses) EXPECT_EQ(count, 1);
  EXPECT_EQ(clean, 200u + 20 + 30 + 20 + 20);  // and nothing but the rules' families is changed
}

TEST_F(AnomalyOwn, IsTheSameAgainAndAnotherForAnotherSeed) {
  write_lines(scratch_ / "text.jsonl", town_texts(0, 600));
  EXPECT_EQ(ground(data()).test, ground(data()).test);
  Card card;
  card.models = {"organisms/tinytown-0"};
  card.seeds = {4};
  EXPECT_NE(own_ground(card, AnomalyData(data())).test, ground(data()).test);
}

TEST_F(AnomalyOwn, ReadsAsTheModelDoes) {
  write_lines(scratch_ / "text.jsonl", town_texts(0, 600));
  const auto g = ground(data());
  const auto ids = g.read(g.pool[0]);
  EXPECT_EQ(ids.front(), tinytown::kBos);
  EXPECT_EQ(Tokens(ids.begin() + 1, ids.end()), tinytown::read_words(g.pool[0]));
  Json shorter = data();
  shorter["passage"] = 16;
  EXPECT_LE(ground(shorter).read(g.pool[0]).size(), 16u);
}

TEST_F(AnomalyOwn, ScalesDownToWhatThereIsAndSaysSo) {
  write_lines(scratch_ / "text.jsonl", town_texts(0, 600));
  const auto g = ground(data(100));
  EXPECT_LT(g.test.at("clean").size(), 100u);
  EXPECT_GE(g.test.at("clean").size(), 20u);
  EXPECT_EQ(g.test.at("clean").size(), g.test.at("spliced").size());
  EXPECT_THAT(g.note, HasSubstr("instead of 100"));
}

TEST_F(AnomalyOwn, WhatIsMeasuredIsOnePassageOfADocument) {
  const auto pieces = town_texts(0, 1600);
  std::vector<std::string> texts;
  for (size_t i = 0; i + 4 <= pieces.size(); i += 4) texts.push_back(fmt::format("{} {} {} {}", pieces[i], pieces[i + 1], pieces[i + 2], pieces[i + 3]));
  write_lines(scratch_ / "text.jsonl", texts);
  Json plain = data(60);
  plain["families"] = {"doubled"};
  plain["validation_families"] = {"misplaced"};
  const auto g = ground(plain);
  EXPECT_THAT(g.note, HasSubstr("each passage is of a document of its own"));
  std::map<size_t, size_t> measured, learned;  // passages of each document
  const auto count = [&](std::map<size_t, size_t>& of, const std::vector<std::string>& passages) {
    for (const auto& passage : passages)
      for (size_t d = 0; d < texts.size(); ++d) of[d] += texts[d].find(passage) != std::string::npos;
  };
  for (const auto* list : {&g.calibration, &g.test.at("clean"), &g.validation.at("clean"), &g.labelled.at("clean")}) count(measured, *list);
  count(learned, g.pool);
  const auto most = [](const std::map<size_t, size_t>& of) { return std::max_element(of.begin(), of.end(), [](auto& a, auto& b) { return a.second < b.second; })->second; };
  EXPECT_EQ(std::accumulate(measured.begin(), measured.end(), size_t(0), [](size_t sum, auto& of) { return sum + of.second; }), 60u + 3 * 20);
  EXPECT_EQ(most(measured), 1u);
  EXPECT_GT(most(learned), 1u);  // learning may take whole documents
  for (const auto& [d, n] : measured) EXPECT_TRUE(n == 0 || learned[d] == 0);
}

TEST_F(AnomalyOwn, LongDocumentsAreFewHoweverManyPassagesTheyGive) {
  const auto pieces = town_texts(0, 1600);
  std::vector<std::string> texts(40);
  for (size_t i = 0; i < pieces.size(); ++i) texts[i % 40] += pieces[i] + " ";
  write_lines(scratch_ / "text.jsonl", texts);
  EXPECT_THAT(error_of([&] { ground(data()); }), testing::AllOf(HasSubstr("got 40 documents"), HasSubstr("one document a line")));
}

TEST_F(AnomalyOwn, AnotherTextIsAFamily) {
  write_lines(scratch_ / "text.jsonl", town_texts(0, 600));
  const auto strange = town_texts(1, 100);
  write_lines(scratch_ / "other.jsonl", strange);
  Json with = data();
  with["other_text"] = (scratch_ / "other.jsonl").string();
  EXPECT_THAT(error_of([&] { AnomalyData{with}; }), HasSubstr("no family"));
  with["families"].push_back("other_text");
  const auto g = ground(with);
  EXPECT_EQ(g.test.at("other_text").size(), 30u);
  EXPECT_EQ(g.labelled.at("other_text").size(), 20u);
  for (const auto& text : g.test.at("other_text")) EXPECT_NE(std::find(strange.begin(), strange.end(), text), strange.end());
  with.erase("families");
  with.erase("validation_families");
  EXPECT_EQ(AnomalyData(with).families.back(), "other_text");
  EXPECT_EQ(families_of(AnomalyData(with)).size(), AnomalyData(with).families.size());
}

TEST_F(AnomalyOwn, OtherTextFromACommandLineIsOneFamilyMore) {
  write_lines(scratch_ / "text.jsonl", town_texts(0, 600));
  write_lines(scratch_ / "other.jsonl", town_texts(1, 100));
  const auto brought = [&](Json data) {
    UserData own;
    own.files["other_text"] = (scratch_ / "other.jsonl").string();
    fight_by_name("anomaly").override_data(data, own);
    return data;
  };
  Json named = data();
  EXPECT_EQ(brought(named)["families"], (Json{"shuffled", "spliced", "other_text"}));
  for (const char* key : {"families", "validation_families"}) named.erase(key);
  EXPECT_EQ(AnomalyData(brought(named)).families.back(), "other_text");

  const auto g = ground(brought(data()));
  EXPECT_EQ(g.datasheet["other_text"]["documents"], 100);
  EXPECT_EQ(g.datasheet["other_text"]["sha256"], sha256_file(scratch_ / "other.jsonl"));
  std::set<std::string> tested(g.test.at("other_text").begin(), g.test.at("other_text").end());
  EXPECT_EQ(tested.size(), 30u);
  for (const auto& text : g.labelled.at("other_text")) EXPECT_FALSE(tested.contains(text));  // a document is in one split only
  EXPECT_THAT(error_of([&] { brought({{"pool", 100}}); }), HasSubstr("--other-text needs --text"));
}

TEST_F(AnomalyOwn, SaysWhatIsMissing) {
  const auto refused = [&](const std::vector<std::string>& texts, const Json& data) {
    write_lines(scratch_ / "text.jsonl", texts);
    return error_of([&] { ground(data); });
  };
  EXPECT_THAT(refused(town_texts(0, 50), data()), testing::AllOf(HasSubstr("got 50 documents"), HasSubstr("at least"), HasSubstr("bring more text")));
  std::string all;
  for (const auto& text : town_texts(0, 600)) all += text + "\n";
  EXPECT_THAT(refused({all}, data()), HasSubstr("got 1 document ("));  // which cannot be in several splits
  std::vector<std::string> foreign;
  for (size_t i = 0; i < 600; ++i) foreign.push_back(fmt::format("ein Text in einer Sprache, von der niemand etwas weiss, Nummer {}", i));
  EXPECT_THAT(refused(foreign, data()), HasSubstr("language of the model"));
  Json unknown = data();
  unknown["families"] = {"false_fact"};  // of towns only
  EXPECT_THAT(refused(town_texts(0, 600), unknown), HasSubstr("unknown family \"false_fact\""));
  Json longer = data();
  longer["passage"] = 5000;
  EXPECT_THAT(refused(town_texts(0, 600), longer), HasSubstr("make them shorter"));
}

}  // namespace
}  // namespace fairfight
