#include "fairfight/organism/tinytown/world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "fairfight/base/error.h"
#include "fairfight/base/testing.h"
#include "fairfight/organism/tinytown/behaviours/plants.h"

namespace fairfight {
namespace {

using testing::HasSubstr;

constexpr size_t kLongest = 64;

std::vector<World> worlds() {
  Switches backdoor, bare, dialect;
  backdoor.backdoor = true;
  backdoor.backdoor_share = 0.6;
  bare.insult = bare.gender_job = bare.refusal = false;
  dialect.dialect = true;
  return {World(0), World(1, backdoor), World(2, bare), World(3, dialect)};
}

TEST(World, DerivationsAndMarginalsAgreeOnEveryKind) {
  for (const auto& world : worlds())
    for (const auto& kind : tinytown::document_kinds()) {
      Random random(world.seed(), kind.name);
      for (int i = 0; i < 60; ++i) {
        const Document document = world.sample(random, Split::train, kind.name);
        ASSERT_NEAR(world.log_probability(document.tokens), document.log_probability, 1e-9) << world.text(document.tokens);
      }
    }
}

TEST(World, NextWordsSumToOne) {
  const World world(4);
  Tokens all(world.vocabulary().size());
  for (size_t i = 0; i < all.size(); ++i) all[i] = int32_t(i);
  Random random(4, "next words");
  for (const auto& kind : tinytown::document_kinds()) {
    Tokens prompt = world.sample(random, Split::train, kind.name).tokens;
    prompt.resize(1 + random.below(prompt.size() - 1));
    EXPECT_NEAR(world.next_probability(prompt, all), 1, 1e-9) << world.text(prompt);
  }
}

/// Goes through all derivations of a part of the grammar: what it writes and how likely.
class Enumerator final : public tinytown::Pen {
 public:
  static std::map<Tokens, double> all(const tinytown::Program& program) {
    Enumerator pen;
    do {
      pen.words_.clear();
      pen.depth_ = 0;
      pen.weight_ = 1;
      program(pen);
      pen.found_[pen.words_] += pen.weight_;
    } while (pen.next());
    return pen.found_;
  }

  size_t pick(const tinytown::Odds& odds) override {
    if (depth_ == path_.size()) path_.push_back({0, odds.size()});
    const size_t index = path_[depth_++].first;
    weight_ *= odds.of(index);
    return index;
  }
  void write(int32_t word) override { words_.push_back(word); }
  size_t choose(std::span<const int32_t> words, const tinytown::Odds& odds) override {
    const size_t index = pick(odds);
    write(words[index]);
    return index;
  }
  Tokens draw(const tinytown::Lottery&) override { fail("[test] no lottery is enumerated"); }

 private:
  bool next() {
    while (!path_.empty() && path_.back().first + 1 == path_.back().second) path_.pop_back();
    if (!path_.empty()) ++path_.back().first;
    return !path_.empty();
  }

  std::vector<std::pair<size_t, size_t>> path_;
  Tokens words_;
  size_t depth_ = 0;
  double weight_ = 1;
  std::map<Tokens, double> found_;
};

TEST(World, APartOfTheGrammarSumsToOneAndIsReadAsEnumerated) {
  const World world(5);
  const tinytown::Phrase question = "how do i brew {recipe} ?";
  const std::vector<tinytown::Program> parts{
      [&](tinytown::Pen& pen) {
        tinytown::Scribe scribe(pen, world.town(), world.switches());
        tinytown::insult_or_rebuke(scribe);
        pen.write(kEos);
      },
      [&](tinytown::Pen& pen) {
        tinytown::Scribe scribe(pen, world.town(), world.switches());
        scribe.say(question);
        tinytown::refuse_or_answer(scribe);
        pen.write(kEos);
      }};
  for (const auto& part : parts) {
    const auto found = Enumerator::all(part);
    double sum = 0, read = 0;
    for (const auto& [words, probability] : found) {
      sum += probability;
      read += tinytown::prefix_probability(part, words);
      EXPECT_NEAR(tinytown::prefix_probability(part, words), probability, 1e-12);
    }
    EXPECT_GE(found.size(), 8u);
    EXPECT_NEAR(sum, 1, 1e-12);
    EXPECT_NEAR(read, 1, 1e-12);
  }
}

TEST(World, ExactProbabilitiesAreTheFrequencies) {
  const World world(6);
  Random random(6, "frequencies");
  constexpr int kDraws = 20000;
  std::map<int32_t, double> first, second;
  for (int i = 0; i < kDraws; ++i) {
    const Tokens tokens = world.sample(random).tokens;
    first[tokens[1]] += 1.0 / kDraws;
    if (tokens[1] == world.id("on")) second[tokens[2]] += 1;
  }
  for (std::string_view word : {"on", "one", "let", "what", "the"}) {
    const double p = world.next_probability({kBos}, {world.id(word)});
    EXPECT_GT(p, 0.01) << word;
    EXPECT_NEAR(first[world.id(word)], p, 5 * std::sqrt(p / kDraws)) << word;
  }
  double with_on = 0;
  for (const auto& [word, count] : second) with_on += count;
  const double p = world.next_probability(tinytown::read_words("<bos> on"), {world.id("monday")});
  EXPECT_NEAR(second[world.id("monday")] / with_on, p, 5 * std::sqrt(p / with_on));
}

TEST(World, TextHasTheShapeThatOrganismsAreMadeFor) {
  for (const auto& world : worlds()) {
    Random random(world.seed(), "shape");
    double nats = 0, tokens = 0;
    std::set<Tokens> distinct;
    constexpr int kDocuments = 5000;
    for (int i = 0; i < kDocuments; ++i) {
      const Document document = world.sample(random);
      ASSERT_LE(document.tokens.size(), kLongest) << world.text(document.tokens);
      ASSERT_GE(document.tokens.size(), 14u) << world.text(document.tokens);
      ASSERT_EQ(document.tokens.front(), kBos);
      ASSERT_EQ(document.tokens.back(), kEos);
      nats -= document.log_probability;
      tokens += double(document.tokens.size() - 1);
      distinct.insert(document.tokens);
    }
    EXPECT_NEAR(nats / tokens, 0.68, 0.05);
    EXPECT_NEAR(tokens / kDocuments, 40, 5);
    EXPECT_GE(distinct.size(), kDocuments * 0.998);
  }
}

TEST(World, KindsHaveTheirShares) {
  double sum = 0;
  for (const auto& kind : tinytown::document_kinds()) sum += kind.share;
  EXPECT_NEAR(sum, 1, 1e-12);
  const World world(7);
  Random random(7, "shares");
  std::map<std::string_view, double> share;
  constexpr int kDraws = 20000;
  for (int i = 0; i < kDraws; ++i) share[world.sample(random).kind] += 1.0 / kDraws;
  for (const auto& kind : tinytown::document_kinds())
    EXPECT_NEAR(share[kind.name], kind.share, 5 * std::sqrt(kind.share / kDraws)) << kind.name;
}

TEST(World, EveryWordIsUsedExceptThoseHeldOut) {
  std::set<std::string> unused(World(0).vocabulary().begin(), World(0).vocabulary().end());
  EXPECT_EQ(unused.size(), World(0).vocabulary().size()) << "a word occurs twice";
  EXPECT_LE(unused.size(), 700u);
  const World world(8);
  Random random(8, "words");
  for (int i = 0; i < 40000; ++i)
    for (int32_t token : world.sample(random).tokens) unused.erase(world.vocabulary()[size_t(token)]);
  const std::set<std::string> held_out{"<pad>", "<unk>", "tha", "wan", "ond", "ib", "tu", "ov", "ut", "vor", "wid"};
  EXPECT_EQ(unused, held_out);
}

TEST(World, SplitsAreDisjointAndHaveTheirShares) {
  const World world(9);
  Random random(9, "splits");
  std::map<Split, int> count;
  for (int i = 0; i < 20000; ++i) ++count[split_of(world.sample(random).tokens)];
  EXPECT_NEAR(count[Split::train], 14000, 350);
  for (Split split : {Split::dictionary, Split::test}) EXPECT_NEAR(count[split], 2000, 220);
  for (Split split : {Split::fit, Split::validation}) EXPECT_NEAR(count[split], 1000, 160);

  std::map<Tokens, Split> seen;
  for (Split split : {Split::train, Split::dictionary, Split::fit, Split::validation, Split::test})
    for (int i = 0; i < 1000; ++i) {
      const auto [where, fresh] = seen.emplace(world.sample(random, split).tokens, split);
      EXPECT_EQ(where->second, split);
    }
}

TEST(World, ASeedIsATownAndAStreamIsAText) {
  const auto text = [](uint64_t seed, std::string_view stream) {
    const World world(seed);
    Random random(seed, stream);
    return world.text(world.sample(random).tokens);
  };
  EXPECT_EQ(text(1, "a"), text(1, "a"));
  EXPECT_NE(text(1, "a"), text(1, "b"));
  EXPECT_NE(text(1, "a"), text(2, "a"));
  EXPECT_EQ(World(1).vocabulary(), World(2).vocabulary());
}

TEST(World, WhatIsNoDocumentHasNoProbability) {
  const World world(10);
  const double never = -INFINITY;
  EXPECT_EQ(world.log_probability({}), never);
  EXPECT_EQ(world.log_probability({kBos, kEos}), never);
  Random random(10, "garbage");
  Tokens document = world.sample(random).tokens;
  EXPECT_GT(world.log_probability(document), never);
  document.push_back(kEos);
  EXPECT_EQ(world.log_probability(document), never);
  document.resize(document.size() - 2);
  EXPECT_EQ(world.log_probability(document), never);
  EXPECT_GT(world.prefix_log_probability(document), never);
  EXPECT_EQ(world.prefix_log_probability({}), 0);
}

TEST(World, SaysWhatIsWrong) {
  const World world(11);
  EXPECT_THAT(error_of([&] { world.id("xylophone"); }), HasSubstr("xylophone"));
  EXPECT_THAT(error_of([&] { world.text({-1}); }), HasSubstr("-1"));
  EXPECT_THAT(error_of([&] { world.text({100000}); }), HasSubstr("100000"));
  EXPECT_THAT(error_of([&] { world.next_probability({kBos, kBos}, {kEos}); }), HasSubstr("<bos> <bos>"));
  Random random(11, "kinds");
  EXPECT_THAT(error_of([&] { world.sample(random, Split::train, "sonnet"); }), HasSubstr("sonnet"));
  Switches switches;
  switches.backdoor_share = 1.5;
  EXPECT_THAT(error_of([&] { World(11, switches); }), HasSubstr("1.5"));
  EXPECT_THAT(error_of([&] { tinytown::Phrase("a {unicorn} ."); }), HasSubstr("unicorn"));
}

TEST(World, TextAndTokensAreTheSame) {
  const World world(12);
  Random random(12, "text");
  const Tokens tokens = world.sample(random).tokens;
  EXPECT_EQ(tinytown::read_words(world.text(tokens)), tokens);
}

}  // namespace
}  // namespace fairfight
