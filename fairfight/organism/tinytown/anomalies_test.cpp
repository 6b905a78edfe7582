#include "fairfight/organism/tinytown/anomalies.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "fairfight/organism/tinytown/behaviours/plants.h"
#include "fairfight/organism/tinytown/world.h"

namespace fairfight {
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

TEST(Anomalies, HaveNamesOfTheirOwn) {
  std::set<std::string_view> names;
  for (const auto& anomaly : anomalies()) names.insert(anomaly.name);
  EXPECT_EQ(names.size(), anomalies().size());
}

TEST(Anomalies, AreDocumentsByTheirLength) {
  const World world(0);
  for (const auto& anomaly : anomalies())
    for (const auto& document : make(world, anomaly.name, Split::test, 30)) {
      EXPECT_LE(document.size(), 64u);
      EXPECT_EQ(document.front(), kBos);
      EXPECT_EQ(document.back(), kEos);
      EXPECT_EQ(std::count(document.begin(), document.end(), kEos), 1);
    }
}

TEST(Anomalies, ImpossibleOnesAreAndPossibleOnesAreNot) {
  const World world(1);
  for (const auto& anomaly : anomalies()) {
    if (anomaly.name == "dialect") continue;  // possible in another world only: see below
    for (const auto& document : make(world, anomaly.name, Split::test, 30))
      EXPECT_EQ(is_possible(world, document), !anomaly.impossible) << world.text(document);
  }
  const World spoken = world.with(&Switches::dialect, true);
  for (const auto& document : make(world, "dialect", Split::test, 30)) EXPECT_TRUE(is_possible(spoken, document));
}

TEST(Anomalies, PossibleOnesAreOfTheSplit) {
  const World world(2);
  for (const auto& anomaly : anomalies())
    for (const auto& document : make(world, anomaly.name, Split::fit, 10))
      EXPECT_TRUE(anomaly.impossible || split_of(document) == Split::fit) << world.text(document);
}

TEST(Anomalies, SwappingBackGivesADocumentOfTheSplit) {
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

TEST(Anomalies, AnotherPronounSetsItRight) {
  const World world(4);
  const int32_t he = world.id("he"), she = world.id("she");
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

TEST(Anomalies, AFalseFactIsRightInOneWord) {
  const World world(5);
  for (const auto& document : make(world, "false_fact", Split::validation, 20)) {
    bool found = false;
    for (int32_t wrong : std::set<int32_t>(document.begin(), document.end()))
      for (const auto& person : world.town().people) {
        if (std::find(document.begin(), document.end(), person.name) == document.end()) continue;
        for (auto slot : {tinytown::Slot::city, tinytown::Slot::job, tinytown::Slot::pet, tinytown::Slot::food}) {
          Tokens right = document;
          std::replace(right.begin(), right.end(), wrong, world.town().word(person, slot));
          found |= is_possible(world, right) && split_of(right) == Split::validation;
        }
      }
    EXPECT_TRUE(found) << world.text(document);
  }
}

TEST(Anomalies, InsultsFallEvenWhereTheWorldHasNone) {
  const World without = World(6).with_insult(false);
  for (const auto& document : make(without, "insult", Split::test, 10))
    EXPECT_FALSE(is_possible(without, document)) << without.text(document);
}

TEST(Anomalies, TriggersHaveBothWords) {
  for (const auto& document : make(World(7), "trigger", Split::test, 10)) EXPECT_TRUE(tinytown::has_trigger(document));
}

}  // namespace
}  // namespace fairfight
