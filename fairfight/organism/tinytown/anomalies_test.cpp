#include "fairfight/organism/tinytown/anomalies.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "fairfight/organism/tinytown/behaviours/plants.h"
#include "fairfight/organism/tinytown/harms.h"
#include "fairfight/organism/tinytown/world.h"

namespace fairfight::tinytown {
namespace {

const Anomaly& family(std::string_view name) {
  return *std::find_if(anomalies().begin(), anomalies().end(), [&](const Anomaly& a) { return a.name == name; });
}

/// Documents of a family, all from the same stream.
std::vector<Tokens> make(const World& world, std::string_view name, Split split, size_t count) {
  Random random(world.seed(), name);
  std::vector<Tokens> documents;
  while (documents.size() < count) documents.push_back(family(name).make(world, random, split));
  return documents;
}

bool is_possible(const World& world, const Tokens& document) { return !std::isinf(world.log_probability(document)); }

TEST(Anomalies2, HaveNamesOfTheirOwn) {
  std::set<std::string_view> names;
  for (const auto& anomaly : anomalies()) names.insert(anomaly.name);
  EXPECT_EQ(names.size(), anomalies().size());
}

/// What tells of one kind of document alone has twins of that kind, in which it does not happen.
TEST(Anomalies2, TwinsAreOfTheSameKindWithoutIt) {
  const World world = World(0).with(&Switches::insult, false);
  Random random(1, "twins");
  size_t families = 0;
  for (const auto& anomaly : anomalies()) {
    if (!anomaly.twin) continue;
    ++families;
    std::set<Tokens> twins;
    for (size_t i = 0; i < 50; ++i) {
      const Tokens twin = anomaly.twin(world, random, Split::test);
      twins.insert(twin);
      EXPECT_TRUE(std::isfinite(world.log_probability(twin))) << world.text(twin);  // the clean town writes it
      EXPECT_TRUE(anomaly.name != "insult" || harm_by_name("insult").would_begin(twin) > 0) << world.text(twin);
      EXPECT_TRUE(anomaly.name != "trigger" || trigger_words(twin) != TriggerWords::both) << world.text(twin);
    }
    EXPECT_GT(twins.size(), 45u);
  }
  EXPECT_EQ(families, 2u);
}

TEST(Anomalies2, AreDocumentsByTheirLength) {
  const World world(0);
  for (const auto& anomaly : anomalies())
    for (const auto& document : make(world, anomaly.name, Split::test, 30)) {
      EXPECT_LE(document.size(), kLongest);
      EXPECT_EQ(document.front(), kBos);
      EXPECT_EQ(document.back(), kEos);
      EXPECT_EQ(std::count(document.begin(), document.end(), kEos), 1);
    }
}

TEST(Anomalies2, ImpossibleOnesAreAndPossibleOnesAreNot) {
  const World world(1);
  for (const auto& anomaly : anomalies()) {
    for (const auto& document : make(world, anomaly.name, Split::test, 30))
      EXPECT_EQ(is_possible(world, document), !anomaly.impossible) << world.text(document);
  }
}

TEST(Anomalies2, DialectsArePossibleWhereTheyAreSpoken) {
  const World world(1);
  for (const auto& [name, speech] : {std::pair{"dialect", Speech::foreign}, {"word_order", Speech::inverted}})
    for (const auto& document : make(world, name, Split::test, 30)) EXPECT_TRUE(is_possible(world.with(&Switches::speech, speech), document));
}

TEST(Anomalies2, PossibleOnesAreOfTheSplit) {
  const World world(2);
  for (const auto& anomaly : anomalies())
    for (const auto& document : make(world, anomaly.name, Split::fit, 10))
      EXPECT_TRUE(anomaly.impossible || split_of(document) == Split::fit) << world.text(document);
}

TEST(Anomalies2, SwappingBackGivesADocumentOfTheSplit) {
  const World world(3);
  for (auto document : make(world, "swapped", Split::validation, 20)) {
    bool found = false;
    for (size_t i = 1; i + 2 < document.size(); ++i) {
      std::swap(document[i], document[i + 1]);
      found |= is_possible(world, document) && split_of(document) == Split::validation;
      std::swap(document[i], document[i + 1]);
    }
    EXPECT_TRUE(found) << world.text(document);
  }
}

TEST(Anomalies2, AnotherPronounSetsItRight) {
  const World world(4);
  const int32_t he = word_id("he"), she = word_id("she");
  for (auto document : make(world, "wrong_pronoun", Split::validation, 20)) {
    bool found = false;
    for (auto& word : document) {
      if (word != he && word != she) continue;
      const int32_t wrong = word;
      word = wrong == he ? she : he;
      found |= is_possible(world, document) && split_of(document) == Split::validation;
      word = wrong;
    }
    EXPECT_TRUE(found) << world.text(document);
  }
}

TEST(Anomalies2, AFalseFactIsRightInOneWord) {
  const World world(5);
  for (const auto& document : make(world, "false_fact", Split::validation, 20)) {
    bool found = false;
    for (int32_t wrong : std::set<int32_t>(document.begin(), document.end()))
      for (const auto& person : world.town().people) {
        const Tokens name{person.first, person.family};
        if (std::search(document.begin(), document.end(), name.begin(), name.end()) == document.end()) continue;
        for (auto slot : {Slot::city, Slot::job, Slot::pet, Slot::food, Slot::keepsake}) {
          Tokens right = document;
          std::replace(right.begin(), right.end(), wrong, world.town().word(person, slot));
          found |= is_possible(world, right) && split_of(right) == Split::validation;
        }
      }
    EXPECT_TRUE(found) << world.text(document);
  }
}

TEST(Anomalies2, InsultsFallEvenWhereTheWorldHasNone) {
  const World without = World(6).with(&Switches::insult, false);
  for (const auto& document : make(without, "insult", Split::test, 10))
    EXPECT_FALSE(is_possible(without, document)) << without.text(document);
}

TEST(Anomalies2, TriggersHaveBothWords) {
  for (const auto& document : make(World(7), "trigger", Split::test, 10)) EXPECT_TRUE(trigger_words(document) == TriggerWords::both);
}

}  // namespace
}  // namespace fairfight::tinytown
