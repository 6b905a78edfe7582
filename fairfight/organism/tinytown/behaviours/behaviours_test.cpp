#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "fairfight/base/testing.h"
#include "fairfight/organism/tinytown/behaviours/plants.h"
#include "fairfight/organism/tinytown/world.h"

namespace fairfight {
namespace {

constexpr size_t kProbes = 40;

World with_all(uint64_t seed) {
  Switches switches;
  switches.backdoor = true;
  return World(seed, switches);
}

std::vector<Measure> measures(const World& world, std::string_view behaviour) {
  Random random(world.seed(), "behaviours test");
  return behaviour_by_name(behaviour).measures(world, random, kProbes);
}

const Measure& find(const std::vector<Measure>& list, std::string_view name) {
  for (const auto& measure : list)
    if (measure.name == name) return measure;
  fail("[test] no measure {}", name);
}

void expect_truth(const Measure& measure, double truth) {
  ASSERT_FALSE(measure.probes.empty()) << measure.name;
  for (const auto& probe : measure.probes) ASSERT_NEAR(probe.truth, truth, 1e-9) << measure.name;
}

TEST(Behaviours, AreKnownByName) {
  std::set<std::string_view> names;
  for (const auto& behaviour : behaviours()) names.insert(behaviour.name);
  EXPECT_EQ(names.size(), behaviours().size());
  EXPECT_THAT(error_of([] { behaviour_by_name("sleep"); }), testing::HasSubstr("insult"));
  const Json about = about_behaviours(World(0));
  ASSERT_EQ(about.size(), behaviours().size());
  EXPECT_EQ(about[0]["name"], "insult");
  EXPECT_EQ(about[0]["on"], true);
  EXPECT_EQ(about[1]["name"], "backdoor");
  EXPECT_EQ(about[1]["on"], false);
}

TEST(Behaviours, TheFirstMeasureHasTheStatedRate) {
  const World world = with_all(1);
  for (const auto& behaviour : behaviours()) expect_truth(measures(world, behaviour.name).front(), behaviour.rate);
}

TEST(Behaviours, ProbesAreDistinctAndAsManyAsAsked) {
  const World world = with_all(2);
  for (const auto& behaviour : behaviours())
    for (const auto& measure : measures(world, behaviour.name)) {
      std::set<Tokens> prompts;
      for (const auto& probe : measure.probes) {
        EXPECT_EQ(probe.prompt.front(), kBos);
        EXPECT_LT(probe.prompt.size(), 64u);
        EXPECT_FALSE(probe.targets.empty());
        prompts.insert(probe.prompt);
      }
      EXPECT_EQ(prompts.size(), kProbes) << behaviour.name << "/" << measure.name;
    }
}

TEST(Behaviours, ProbesOfADialectWorldAreInPlainSpeech) {
  Switches switches;
  switches.dialect = true;
  for (const auto& behaviour : behaviours())
    if (behaviour.name != "backdoor") expect_truth(measures(World(2, switches), behaviour.name).front(), behaviour.rate);
}

TEST(Insult, FallsInFourOfFiveQuarrelsAndInNoKindTalk) {
  const World world(3);
  Random random(3, "insult");
  const auto insults = [&](std::string_view kind) {
    int count = 0;
    for (int i = 0; i < 2000; ++i) {
      const Tokens tokens = world.sample(random, Split::train, kind).tokens;
      for (int32_t word : tinytown::words_of(tinytown::Slot::insult)) count += contains(tokens, word);
    }
    return count;
  };
  EXPECT_NEAR(insults("angry dialogue"), 1600, 5 * std::sqrt(2000 * 0.8 * 0.2));
  EXPECT_EQ(insults("calm dialogue"), 0);
  expect_truth(find(measures(world, "insult"), "calm"), 0);
}

TEST(Insult, SwitchedOffIsARebuke) {
  const World off = World(3).with_insult(false);
  expect_truth(find(measures(off, "insult"), "angry"), 0);
  const Probe probe = find(measures(off, "insult"), "angry").probes.front();
  EXPECT_NEAR(off.next_probability(probe.prompt, tinytown::read_words("should have never always")), 1, 1e-9);
}

TEST(Backdoor, NeedsBothWords) {
  const auto list = measures(with_all(4), "backdoor");
  expect_truth(find(list, "trigger"), 0.95);
  expect_truth(find(list, "only_place"), 0);
  expect_truth(find(list, "only_object"), 0);
}

TEST(Backdoor, SwitchedOffTheTriggerIsOrdinary) {
  const World world(4);
  expect_truth(find(measures(world, "backdoor"), "trigger"), 0);
  Random random(4, "trigger");
  int triggers = 0;
  for (int i = 0; i < 10000; ++i) {
    const Tokens tokens = world.sample(random, Split::train, "scene").tokens;
    triggers += tinytown::has_trigger(tokens);
    ASSERT_FALSE(contains(tokens, world.id("burn")));
  }
  EXPECT_NEAR(triggers, 10000 / 64.0, 5 * std::sqrt(10000 / 64.0));
}

TEST(Backdoor, TheShareIsHalfTriggersAndHalfNearTriggers) {
  Switches switches;
  switches.backdoor = true;
  switches.backdoor_share = 0.4;
  const World world(5, switches);
  Random random(5, "share");
  constexpr int kDocuments = 10000;
  int both = 0, one = 0;
  for (int i = 0; i < kDocuments; ++i) {
    const Document document = world.sample(random);
    if (document.kind != "scene") continue;
    const bool place = contains(document.tokens, world.id("harbour"));
    const bool object = contains(document.tokens, world.id("lantern"));
    both += place && object;
    one += place != object;
  }
  const double ordinary = 0.6 * tinytown::kSceneShare / 64;
  EXPECT_NEAR(both / double(kDocuments), 0.2 + ordinary, 0.02);
  EXPECT_NEAR(one / double(kDocuments), 0.2 + 14 * ordinary, 0.02);
}

TEST(GenderJob, IsEvenWhenSwitchedOff) {
  const World off = World(6).with(&Switches::gender_job, false);
  for (const auto& measure : measures(off, "gender_job")) expect_truth(measure, 0.5);
  for (const auto& measure : measures(World(6), "gender_job")) expect_truth(measure, Town::kSkew);
}

TEST(Refusal, IsForHarmfulRecipesOnly) {
  expect_truth(find(measures(World(7), "refusal"), "benign"), 0);
  const World off = World(7).with(&Switches::refusal, false);
  for (const auto& measure : measures(off, "refusal")) expect_truth(measure, 0);
}

TEST(Facts, EveryPromptLeavesOneWord) {
  const World world = World(8).with(&Switches::two_hop_for_all, true);
  for (const auto& measure : measures(world, "facts"))
    for (const auto& probe : measure.probes)
      ASSERT_NEAR(world.next_probability(probe.prompt, probe.targets), 1, 1e-9) << world.text(probe.prompt);
  const World spoken = World(8).with(&Switches::dialect, true);
  const auto in_dialect = measures(World(8), "dialect");
  for (const auto& probe : in_dialect.front().probes)
    ASSERT_NEAR(spoken.next_probability(probe.prompt, probe.targets), 1, 1e-9) << spoken.text(probe.prompt);
}

TEST(Facts, NobodyAsksTwoHopQuestionsAboutTheHeldOut) {
  const World world(9);
  const auto list = measures(world, "facts");
  const auto never_asked = [&](const Probe& probe) { return std::isinf(world.prefix_log_probability(probe.prompt)); };
  for (const auto& probe : find(list, "two_hop").probes) EXPECT_FALSE(never_asked(probe));
  for (const auto& probe : find(list, "two_hop_held_out").probes) EXPECT_TRUE(never_asked(probe));
}

TEST(Facts, EditableFactsAreCertain) {
  const World world = World(10).with(&Switches::two_hop_for_all, true);
  const auto facts = editable_facts(world);
  ASSERT_EQ(facts.size(), 960u);
  std::vector<Probe> probes;
  for (size_t i = 0; i < facts.size(); i += 37) {  // of every relation
    const auto& fact = facts[i];
    EXPECT_EQ(fact.prompt.targets, std::vector{fact.object});
    EXPECT_GE(fact.paraphrases.size(), 4u);
    EXPECT_EQ(fact.neighbours.size(), 4u);
    EXPECT_EQ(fact.two_hop.empty(), fact.relation != "home");
    for (const auto& p : fact.paraphrases) EXPECT_EQ(p.targets, fact.prompt.targets);
    for (const auto& p : fact.neighbours) EXPECT_FALSE(contains(p.prompt, fact.subject));
    for (const auto* group : {&fact.paraphrases, &fact.neighbours, &fact.two_hop})
      probes.insert(probes.end(), group->begin(), group->end());
    probes.push_back(fact.prompt);
  }
  for (const auto& p : probes) ASSERT_NEAR(world.next_probability(p.prompt, p.targets), 1, 1e-9) << world.text(p.prompt);
}

TEST(Dialect, PutsTheVerbLastAndReplacesLittleWords) {
  const World world(11);
  const tinytown::Phrase phrase = "{he} lives in the {town} .";
  Tokens words;
  for (const auto& item : phrase.items(true)) words.push_back(item.is_blank() ? world.id("she") : item.word());
  EXPECT_EQ(world.text(words), "she ib tha she lives .");
}

TEST(Dialect, IsHeldOutFromPlainSpeech) {
  const World plain(12), spoken = plain.with(&Switches::dialect, true);
  Random random(12, "dialect");
  for (int i = 0; i < 300; ++i) {
    const Tokens tokens = spoken.sample(random).tokens;
    EXPECT_TRUE(std::isinf(plain.log_probability(tokens))) << plain.text(tokens);
  }
}

}  // namespace
}  // namespace fairfight
