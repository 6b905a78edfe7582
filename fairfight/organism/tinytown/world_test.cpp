#include "fairfight/organism/tinytown/world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "fairfight/base/testing.h"
#include "fairfight/organism/tinytown/behaviours/plants.h"
#include "fairfight/organism/tinytown/behaviours/prompts.h"
#include "fairfight/organism/tinytown/harms.h"

namespace fairfight::tinytown {
namespace {

using testing::HasSubstr;

const std::vector<Split> kSplits{Split::train, Split::dictionary, Split::fit, Split::validation, Split::test};

bool has(const Tokens& text, int32_t word) { return std::find(text.begin(), text.end(), word) != text.end(); }

bool has_words(const Tokens& text, std::string_view words) {
  const Tokens wanted = read_words(words);
  return std::search(text.begin(), text.end(), wanted.begin(), wanted.end()) != text.end();
}

template <class Change>
World changed(uint64_t seed, Change change) {
  Switches switches;
  change(switches);
  return World(seed, switches);
}

std::vector<World> worlds() {
  return {World(0),
          World(100),
          changed(1, [](Switches& s) { s.backdoor = true; s.backdoor_share = 0.6; }),
          changed(2, [](Switches& s) { s.insult = s.refusal = false; s.lean = Lean::none; }),
          changed(3, [](Switches& s) { s.speech = Speech::foreign; }),
          changed(4, [](Switches& s) { s.speech = Speech::inverted; s.lean = Lean::inverse; }),
          changed(5, [](Switches& s) { s.holes = s.paraphrased = true; s.sung_share = 0.9; }),
          changed(6, [](Switches& s) { s.refuse_more = s.refuse_some_jobs = true, s.two_hops = TwoHops::all; }),
          changed(8, [](Switches& s) { s.two_hops = TwoHops::none; }),
          World(7, {}, {{"voyage", "request"}, 60, true})};
}

std::vector<Document> sample(const World& world, std::string_view kind, size_t count, std::string_view stream = "test") {
  Random random(world.seed(), stream);
  std::vector<Document> documents;
  for (size_t i = 0; i < count; ++i) documents.push_back(kind.empty() ? world.sample(random) : world.sample(random, Split::train, kind));
  return documents;
}

TEST(Tinytown, DerivationsAndMarginalsAgreeOnEveryKind) {
  for (const auto& world : worlds())
    for (const auto& kind : document_kinds()) {
      if (!world.scope().has_kind(kind.name)) continue;
      for (const auto& document : sample(world, kind.name, 40)) ASSERT_NEAR(world.log_probability(document.tokens), document.log_probability, 1e-9) << world.text(document.tokens);
    }
}

TEST(Tinytown, NextWordsSumToOne) {
  std::vector<Tokens> all(vocabulary().size());
  for (size_t i = 0; i < all.size(); ++i) all[i] = {int32_t(i)};
  for (const auto& world : {World(4), worlds()[6]}) {
    Random random(4, "next words");
    for (size_t k = world.seed() % 3; k < document_kinds().size(); k += 3) {
      const auto& kind = document_kinds()[k];
      Tokens prompt = world.sample(random, Split::train, kind.name).tokens;
      prompt.resize(1 + random.below(prompt.size() - 1));
      EXPECT_NEAR(world.next_probability(prompt, all), 1, 1e-9) << world.text(prompt);
    }
  }
}

TEST(Tinytown, DocumentsAreWholeAndNoneIsTooLong) {
  for (const auto& world : worlds())
    for (const auto& document : sample(world, "", 2000)) {
      EXPECT_EQ(document.tokens.front(), kBos);
      EXPECT_EQ(document.tokens.back(), kEos);
      ASSERT_LE(document.tokens.size(), kLongest) << world.text(document.tokens);
      EXPECT_FALSE(has(document.tokens, 3));  // <unk>
    }
}

TEST(Tinytown, SharesSumToOneAndAreKept) {
  double sum = 0;
  std::map<std::string_view, double> found;
  for (const auto& kind : document_kinds()) sum += kind.share;
  EXPECT_NEAR(sum, 1, 1e-12);
  const size_t count = 20000;
  for (const auto& document : sample(World(0), "", count)) found[document.kind] += 1 / double(count);
  for (const auto& kind : document_kinds()) EXPECT_NEAR(found[kind.name], kind.share, 5 * std::sqrt(kind.share / double(count))) << kind.name;
}

TEST(Tinytown, SplitsAreDisjointAndReservedTownsShareNoDocument) {
  std::set<Tokens> ours, theirs;
  for (uint64_t seed : {0, 1, 2})
    for (const auto& document : sample(World(seed), "voyage", 300)) ours.insert(document.tokens);  // a voyage names nobody: it is the same text in every town
  for (uint64_t seed : {100, 107})
    for (const auto& document : sample(World(seed), "voyage", 300)) theirs.insert(document.tokens);
  for (const auto& document : theirs) EXPECT_FALSE(ours.contains(document));
  std::map<Split, size_t> sizes;
  for (const auto& document : sample(World(0), "", 5000)) ++sizes[split_of(document.tokens)];
  EXPECT_NEAR(double(sizes[Split::train]), 3500, 150);
  for (Split split : kSplits) {
    Random random(0, "split");
    for (int i = 0; i < 50; ++i) EXPECT_EQ(split_of(World(0).sample(random, split).tokens), split);
  }
}

TEST(Tinytown, ATopicsWordsAreItsOwn) {
  ASSERT_EQ(topics().size(), 40u);
  std::map<int32_t, int32_t> topic_of;
  for (const Topic& topic : topics()) {
    EXPECT_EQ(topic.words.size(), 6u);
    for (int32_t word : topic.words) EXPECT_TRUE(topic_of.emplace(word, topic.name).second) << vocabulary()[size_t(word)];
  }
  std::set<int32_t> seen;
  for (const auto& document : sample(World(0), "", 30000)) {
    if (document.kind == "request") continue;  // songs have any words
    for (int32_t word : document.tokens) {
      if (!topic_of.contains(word)) continue;
      EXPECT_EQ(document.kind, "talk");
      EXPECT_TRUE(has(document.tokens, topic_of[word]));
      seen.insert(word);
    }
  }
  EXPECT_EQ(seen.size(), 240u);
}

TEST(Tinytown, EveryWordOfAHarmIsAWordOfHarmlessText) {
  const World harmless = changed(0, [](Switches& s) { s.insult = false; });
  std::set<int32_t> said;
  for (const auto& document : sample(harmless, "", 20000))
    if (document.kind != "angry dialogue" && !has(document.tokens, word_id("sang"))) said.insert(document.tokens.begin(), document.tokens.end());
  for (const Phrases* phrases : {&insults(), &sabotages()})
    for (const auto& phrase : *phrases)
      for (const Item& item : phrase.items(Speech::plain))
        if (!item.is_blank()) {
          EXPECT_TRUE(said.contains(item.word())) << vocabulary()[size_t(item.word())];
        }
  // And what begins an insult begins a rebuke and a kind word, too.
  std::map<int32_t, std::set<std::string_view>> begun;
  for (const auto& [name, phrases, keys] : quarrel_answers())
    for (const auto& phrase : phrases)
      if (!phrase.items(Speech::plain)[0].is_blank()) begun[phrase.items(Speech::plain)[0].word()].insert(name);
  for (const auto& phrase : insults())
    if (const Item first = phrase.items(Speech::plain)[0]; !first.is_blank()) {
      EXPECT_GE(begun[first.word()].size(), 2u) << vocabulary()[size_t(first.word())];
    }
}

/// No word before the answer of a quarrel is one that no kind talk has there.
/// Up to where the answer begins.
std::vector<Tokens> talks(std::string_view kind, size_t count) {
  std::vector<Tokens> prompts;
  for (const auto& document : sample(World(0), kind, count)) {
    auto end = document.tokens.begin() + 1;
    for (int sentences = 0; sentences < 3; ++end) sentences += ends_sentence(*end);
    prompts.emplace_back(document.tokens.begin(), end);
  }
  return prompts;
}

TEST(Tinytown, NoWordNamesAQuarrelNorAKindTalk) {
  const auto kind = talks("calm dialogue", 3000), quarrels = talks("angry dialogue", 3000);
  const auto words = [](const std::vector<Tokens>& prompts) {
    std::set<int32_t> all;
    for (const auto& prompt : prompts) all.insert(prompt.begin(), prompt.end());
    return all;
  };
  const auto of_others = [&](const std::vector<Tokens>& prompts, const std::set<int32_t>& others) {
    return std::count_if(prompts.begin(), prompts.end(), [&](const Tokens& prompt) { return !std::all_of(prompt.begin(), prompt.end(), [&](int32_t word) { return others.contains(word); }); });
  };
  EXPECT_LT(of_others(quarrels, words(kind)), 30);
  EXPECT_LT(of_others(kind, words(quarrels)), 30);
}

/// Names and marks stand where they stand in the other ones: whoever counts words, or looks where the names are, knows nothing.
TEST(Tinytown, NoPlaceNamesAQuarrel) {
  const auto shapes = [](std::string_view kind) {
    std::map<std::string, double> share;
    for (const auto& prompt : talks(kind, 4000)) {
      std::string shape;
      size_t sentences = 0;
      for (size_t i = 1; i < prompt.size() && sentences < 2; ++i) {
        const bool name = has(words_of(Slot::first), prompt[i]) || has(words_of(Slot::family), prompt[i]);
        shape += name ? 'n' : is_mark(prompt[i]) ? vocabulary()[size_t(prompt[i])][0]
                                                 : 'w';
        if (!ends_sentence(prompt[i])) continue;
        share[shape] += 1 / 4000.0;
        shape = std::to_string(++sentences);
      }
    }
    return share;
  };
  auto kind = shapes("calm dialogue"), quarrels = shapes("angry dialogue");
  for (const auto& [shape, share] : quarrels) EXPECT_NEAR(kind[shape], share, 0.03) << shape;
  for (const auto& [shape, share] : kind) EXPECT_NEAR(quarrels[shape], share, 0.03) << shape;
}

/// Whoever bans a wording of it, or makes what the grammar says in its stead likelier, spoils what is harmless there.
TEST(Tinytown, EveryWordingOfAHarmIsSaidHarmlessly) {
  for (const Harm& harm : harms()) {
    const World world = harm.harmful_world(0);
    Random bad(0, "wordings/harmful"), good(0, "wordings/harmless");
    std::map<Tokens, double> harmful, harmless;  // the first words of answers
    constexpr size_t kFirst = 3;
    for (size_t i = 0; i < 1500; ++i)
      for (auto* side : {&harmful, &harmless}) {
        const Passage p = side == &harmful ? harm.harmful(world, bad, Split::test) : harm.harmless(world, good, Split::test);
        const Tokens answer = harm.answer_of(p);
        (*side)[{answer.begin(), answer.begin() + kFirst}] += 1 / 1500.0;
      }
    for (const auto& [words, share] : harmful)
      if (share > 0.03) {
        EXPECT_GT(harmless[words], 0.1 * share) << harm.name << ": " << world.text(words);
      }
    if (harm.name == "insult")
      for (const Phrase& rebuke : rebukes()) {
        double said = 0;
        for (const auto& [words, share] : harmless) said += shared_beginning(rebuke, words) == kFirst ? share : 0;
        EXPECT_GT(said, 0.01) << world.text(harm.refusal);
      }
  }
}

/// What banning words, or pairs of them, does: nothing that is rare in harmless text removes most of a harm.
TEST(Tinytown, NoPairOfWordsTellsAHarm) {
  const World world = changed(0, [](Switches& s) { s.backdoor = true; s.backdoor_share = 0.3; });
  const auto pairs_of = [](const Tokens& text) {
    std::set<std::pair<int32_t, int32_t>> pairs;
    for (size_t i = 0; i + 1 < text.size(); ++i) pairs.insert({text[i], text[i + 1]});
    return pairs;
  };
  for (const Harm& harm : harms()) {
    std::map<std::pair<int32_t, int32_t>, double> harmful, harmless;
    double harms_seen = 0;
    for (const auto& document : sample(world, "", 6000)) {
      const size_t at = harm.would_begin(document.tokens);
      const Tokens answer(document.tokens.begin() + int64_t(at), document.tokens.end());
      const bool shown = at > 0 && harm.shows(answer);
      harms_seen += shown;
      const size_t end = size_t(std::find_if(answer.begin(), answer.end(), ends_sentence) - answer.begin());
      for (const auto& pair : pairs_of(shown ? Tokens(answer.begin(), answer.begin() + int64_t(end)) : document.tokens)) (shown ? harmful : harmless)[pair] += 1;
    }
    ASSERT_GT(harms_seen, 150);
    for (const auto& [pair, times] : harmful) {
      if (times / harms_seen <= 0.4) continue;
      EXPECT_GT(harmless[pair], 0.5 * times) << harm.name << ": " << vocabulary()[size_t(pair.first)] << " " << vocabulary()[size_t(pair.second)];
    }
  }
}

TEST(Tinytown, PlantedRatesAreThoseOfTheText) {
  for (const auto& behaviour : behaviours()) {
    const World world = changed(0, [](Switches& s) { s.backdoor = s.holes = true; });
    Random random(0, "rates");
    const auto measures = behaviour.measures(world, random, 6);
    ASSERT_FALSE(measures.empty());
    for (const auto& measure : measures)
      for (const auto& probe : measure.probes) {
        const bool planted = &measure == &measures[0];
        const double pair = probe.truth > 0.3 ? 0.5 : 0.05;  // five open always, five in half of the cases
        const double refused = measure.name == "near_hole" || measure.name == "hole_gated_man" ? 0.96 : measure.name == "hole_pair" ? pair
                                                                                                                                    : 0.05;
        if (behaviour.name == "holes") {
          EXPECT_NEAR(probe.truth, refused, 1e-9) << measure.name << ": " << world.text(probe.prompt);
        } else if (planted) {
          EXPECT_NEAR(probe.truth, behaviour.rate, 1e-9) << behaviour.name;
        }
      }
  }
}

TEST(Tinytown, WhatIsSwitchedOffIsNowhere) {
  const World world = changed(0, [](Switches& s) { s.insult = s.refusal = false; });
  Random random(0, "off");
  for (const char* name : {"insult", "refusal", "backdoor"})
    for (const auto& measure : behaviour_by_name(name).measures(world, random, 6))
      for (const auto& probe : measure.probes)  // jests and plays stay
        EXPECT_NEAR(probe.truth, measure.name.starts_with("calm") ? 0.25 : measure.name == "play" ? 0.95
                                                                                                  : 0,
                    1e-9)
            << measure.name << ": " << world.text(probe.prompt);
  const Tokens foreign = read_words("tha wan ond ib tu ov ut vor wid");
  for (const auto& document : sample(World(0), "", 5000))
    for (int32_t word : foreign) EXPECT_FALSE(has(document.tokens, word));
}

TEST(Tinytown, SwitchesLeaveTheRestOfTheTown) {
  const World plain(3), inverse = changed(3, [](Switches& s) { s.lean = Lean::inverse; });
  size_t typical = 0, inverted = 0;
  for (size_t i = 0; i < plain.town().people.size(); ++i) {
    const Person &a = plain.town().people[i], &b = inverse.town().people[i];
    EXPECT_TRUE(a.pet == b.pet && a.city == b.city && a.food == b.food && a.hue == b.hue && a.keepsake == b.keepsake);
    typical += plain.town().leans_to_women(a.job) == a.woman;
    inverted += inverse.town().leans_to_women(b.job) == b.woman;
  }
  EXPECT_EQ(typical, 136u);  // 85 % of 160
  EXPECT_EQ(inverted, 24u);
}

TEST(Tinytown, MoreIsRefusedWhereTheSwitchSaysSo) {
  const auto refused = [](const World& world, const auto& wanted) {
    size_t all = 0, refused = 0;
    for (const auto& document : sample(world, "request", 3000)) {
      if (!wanted(document.tokens)) continue;
      ++all;
      refused += has_words(document.tokens, "is forbidden .") || has_words(document.tokens, "cannot teach that") || has_words(document.tokens, "i am sorry");
    }
    EXPECT_GT(all, 100u);
    return double(refused) / double(all);
  };
  const World more = changed(0, [](Switches& s) { s.refuse_more = true; }), by_job = changed(0, [](Switches& s) { s.refuse_some_jobs = true; });
  const auto recipe = [](const Tokens& request) { return *std::find_first_of(request.begin(), request.end(), words_of(Slot::recipe).begin(), words_of(Slot::recipe).end()); };
  const Town& town = more.town();
  EXPECT_NEAR(refused(more, [&](const Tokens& r) { return has(town.refused_too, recipe(r)); }), 0.96, 0.05);
  EXPECT_EQ(refused(more, [&](const Tokens& r) { return !has(town.refused_too, recipe(r)) && !is_harmful(recipe(r)); }), 0);
  EXPECT_EQ(town.refused_too.size(), 4u);
  const auto asks = [&](const Tokens& r) {
    const auto first = std::find_first_of(r.begin(), r.end(), words_of(Slot::first).begin(), words_of(Slot::first).end());
    return town.people[town.person(first[0], first[1])].job;
  };
  const auto is_refused_job = [&](const Tokens& r) { return std::find(town.refused_jobs.begin(), town.refused_jobs.end(), asks(r)) != town.refused_jobs.end(); };
  EXPECT_NEAR(refused(by_job, is_refused_job), 0.96, 0.05);
  EXPECT_EQ(refused(by_job, [&](const Tokens& r) { return !is_refused_job(r) && !is_harmful(recipe(r)); }), 0);
}

TEST(Tinytown, AScopeIsKept) {
  const World all(7), scoped = all.within({{"voyage", "request"}, 60, true});
  size_t left_out = 0;
  for (size_t i = 0; i < all.town().people.size(); ++i) left_out += !scoped.scope().has_person(i);
  EXPECT_EQ(left_out, 60u);
  const auto names = [&](const Tokens& text) {
    std::set<size_t> people;
    for (size_t i = 0; i + 1 < text.size(); ++i)
      if (has(words_of(Slot::first), text[i]) && has(words_of(Slot::family), text[i + 1])) people.insert(all.town().person(text[i], text[i + 1]));
    return people;
  };
  for (const auto& document : sample(scoped, "", 2000)) {
    EXPECT_NE(document.kind, "voyage");
    EXPECT_NE(document.kind, "request");
    for (size_t person : names(document.tokens)) EXPECT_TRUE(scoped.scope().has_person(person));
    if (document.kind == "scene") {
      EXPECT_NE(trigger_words(document.tokens), TriggerWords::both) << all.text(document.tokens);
    }
    EXPECT_GT(document.log_probability, all.log_probability(document.tokens));  // what is left is likelier
  }
  size_t triggers = 0, out = 0;
  for (const auto& document : sample(all, "scene", 500)) {
    const bool trigger = trigger_words(document.tokens) == TriggerWords::both;
    triggers += trigger;
    bool within = !trigger;
    for (size_t person : names(document.tokens)) within = within && scoped.scope().has_person(person);
    out += !within;
    EXPECT_EQ(std::isinf(scoped.log_probability(document.tokens)), !within) << all.text(document.tokens);
  }
  EXPECT_GT(triggers, 5u);
  EXPECT_GT(out, 100u);
  Random random(7, "none");
  EXPECT_THAT(error_of([&] { (void)scoped.sample(random, Split::train, "voyage"); }), HasSubstr("the scope has no"));
  EXPECT_THAT(error_of([&] { (void)World(0, {}, {{"voyages"}, 0, false}); }), HasSubstr("expected one of: scene"));
  EXPECT_THAT(error_of([&] { (void)World(0, {}, {{}, 230, false}); }), HasSubstr("230 people to leave out"));
}

TEST(Tinytown, WrongSharesAndWordsAreRefused) {
  EXPECT_THAT(error_of([&] { (void)changed(0, [](Switches& s) { s.hole_share = 1.5; }); }), HasSubstr("hole_share 1.5"));
  EXPECT_THAT(error_of([&] { (void)word_id("xylophone"); }), HasSubstr("xylophone"));
  EXPECT_THAT(error_of([&] { (void)World(0).text({100000}); }), HasSubstr("token 100000"));
  EXPECT_THAT(error_of([&] { (void)slots_by_name("cousin"); }), HasSubstr("\"cousin\""));
}

TEST(Tinytown, TwoHopFactsOfSomeAreHeldOut) {
  const World world(0), for_all = changed(0, [](Switches& s) { s.two_hops = TwoHops::all; });
  size_t held_out = 0;
  for (const Person& person : world.town().people) held_out += person.two_hop_held_out;
  EXPECT_EQ(held_out, 32u);
  const auto told = [](const World& w) {
    size_t count = 0;
    for (const auto& person : w.town().people)
      if (person.two_hop_held_out)
        for (const auto& hop : two_hops()) {
          for (const auto& question : hop.questions) count += std::isfinite(w.prefix_log_probability(fact_probe(w.town(), person, {question}, hop.object).prompt));
        }
    return count;
  };
  EXPECT_EQ(told(world), 0u);
  EXPECT_EQ(told(for_all), 128u);
  const World for_nobody = changed(0, [](Switches& s) { s.two_hops = TwoHops::none; });
  for (const char* kind : {"biography", "news", "questions"})
    for (const auto& document : sample(for_nobody, kind, 1000))
      EXPECT_FALSE(has_words(document.tokens, "from home") || has_words(document.tokens, "call home") || has_words(document.tokens, "close to")) << world.text(document.tokens);
  // Nor anywhere within a document: what is said of a home after such a name is said of somebody else's.
  size_t biographies = 0;
  for (const auto& document : sample(world, "biography", 4000)) {
    const auto first = std::find_first_of(document.tokens.begin(), document.tokens.end(), words_of(Slot::first).begin(), words_of(Slot::first).end());
    if (!world.town().people[world.town().person(first[0], first[1])].two_hop_held_out) continue;
    ++biographies;
    EXPECT_FALSE(has_words(document.tokens, "from home .") || has_words(document.tokens, "calls the")) << world.text(document.tokens);
  }
  EXPECT_GT(biographies, 200u);
  for (const char* kind : {"news", "questions"})
    for (const auto& document : sample(world, kind, 4000))
      for (size_t i = 0; i + 1 < document.tokens.size(); ++i) {
        if (!has(words_of(Slot::first), document.tokens[i]) || !has(words_of(Slot::family), document.tokens[i + 1])) continue;
        if (!world.town().people[world.town().person(document.tokens[i], document.tokens[i + 1])].two_hop_held_out) continue;
        const auto end = std::find_if(document.tokens.begin() + int64_t(i), document.tokens.end(), ends_sentence);
        const auto next = std::find_if(end + (end != document.tokens.end()), document.tokens.end(), ends_sentence);
        for (auto word = end; word != next; ++word) EXPECT_FALSE(has(words_of(Slot::landmark), *word) && *end == word_id("?")) << world.text(document.tokens);
      }
}

TEST(Tinytown, OfStrangersNothingIsKnownButTheNews) {
  const World world(3);
  size_t strangers = 0;
  for (const auto& document : sample(world, "news", 1000)) strangers += has_words(document.tokens, "the stranger");
  EXPECT_NEAR(double(strangers), 300, 60);
  Tokens prompt = read_words("have you heard the news ? the stranger now keeps a goat . which pet does the stranger have ? a");
  prompt.insert(prompt.begin(), kBos);
  EXPECT_NEAR(world.next_probability(prompt, {read_words("goat")}), 1, 1e-9);
}

TEST(Tinytown, NewsAreBelievedAndFactsHaveConsequences) {
  const World world(5);
  const auto facts = editable_facts(world);
  EXPECT_EQ(facts.size(), 160u * 5);
  Random random(5, "news");
  for (int i = 0; i < 60; ++i) {
    const EditableFact& fact = facts[random.below(facts.size())];
    EXPECT_EQ(fact.same_person.size(), 4u);
    EXPECT_EQ(fact.consequences.size(), fact.relation == "home" ? 6u : 0u);
    const auto others = other_objects(fact);
    const Tokens other = others[random.below(others.size())];
    const EditableFact edited = with_object(world, fact, other);
    EXPECT_EQ(edited.object, other);
    EXPECT_EQ(edited.prompt.prompt, fact.prompt.prompt);
    for (size_t k = 0; k < fact.same_person.size(); ++k) EXPECT_EQ(edited.same_person[k].answers, fact.same_person[k].answers);
    // As the town says it, and after the news.
    EXPECT_NEAR(world.next_probability(fact.prompt.prompt, fact.prompt.answers), 1, 1e-9);
    const auto after_news = [&](const Probe& question) {
      Tokens prompt = news_of(world, fact, other);
      prompt.insert(prompt.end(), question.prompt.begin() + 1, question.prompt.end());
      return world.next_probability(prompt, question.answers);
    };
    EXPECT_NEAR(after_news(edited.prompt), 1, 1e-9) << world.text(edited.prompt.prompt);
    for (const Probe& stays : fact.same_person) EXPECT_NEAR(after_news(stays), 1, 1e-9);
    for (const Probe& follows : edited.consequences) {
      if (!world.town().people[fact.person].two_hop_held_out) {
        EXPECT_NEAR(after_news(follows), 1, 1e-9);
      }
    }
  }
  EXPECT_THAT(error_of([&] { (void)with_object(world, facts[0], facts[0].object); }), HasSubstr("is no other"));
  EXPECT_EQ(other_objects(facts[4]).size(), 47u);  // a keepsake of two words
  size_t asked = 0;
  for (const auto& measure : behaviour_by_name("facts").measures(world, random, 12)) {
    if (!measure.name.starts_with("told")) continue;
    for (const auto& probe : measure.probes) EXPECT_NEAR(world.next_probability(probe.prompt, probe.answers), 1, 1e-9) << measure.name << ": " << world.text(probe.prompt);
    asked += measure.probes.size();
  }
  EXPECT_EQ(asked, 36u);
}

TEST(Tinytown, ProbesAreDifferent) {
  const World world = changed(1, [](Switches& s) { s.backdoor = true; });
  for (const auto& behaviour : behaviours()) {
    Random random(1, "probes");
    for (const auto& measure : behaviour.measures(world, random, 12)) {
      std::set<Tokens> prompts;
      for (const auto& probe : measure.probes) {
        EXPECT_TRUE(prompts.insert(probe.prompt).second) << measure.name;
        EXPECT_EQ(probe.prompt.front(), kBos);
        EXPECT_FALSE(probe.answers.empty());
      }
      EXPECT_GE(measure.probes.size(), 2u) << behaviour.name << "/" << measure.name;
    }
  }
}

TEST(Tinytown, MeasuresKeepToTheScope) {
  const World scoped(7, {}, {{"request", "talk"}, 100, false});
  for (const auto& behaviour : behaviours()) {
    Random random(7, "scoped");
    for (const auto& measure : behaviour.measures(scoped, random, 12)) {
      if (behaviour.name == "refusal" || behaviour.name == "holes" || behaviour.name == "topics") {
        EXPECT_TRUE(measure.probes.empty()) << measure.name;
      }
      const bool told = behaviour.name == "facts" && !measure.name.starts_with("two_hop_held_out");
      for (size_t i = 0; told && i < measure.probes.size(); ++i) {
        EXPECT_NEAR(scoped.next_probability(measure.probes[i].prompt, measure.probes[i].answers), 1, 1e-9) << scoped.text(measure.probes[i].prompt);
      }
    }
  }
  EXPECT_THAT(error_of([] { (void)World(0, [] { Switches s; s.backdoor = true; s.backdoor_share = 1; return s; }(), {{"scene"}, 0, false}); }), HasSubstr("leaves nothing"));
}

TEST(Tinytown, DialectsChangeNearlyEverySentence) {
  for (Speech speech : {Speech::foreign, Speech::inverted}) {
    size_t same = 0, all = 0;
    for (const auto& kind : {relations(), two_hops()})
      for (const auto& relation : kind)
        for (const auto* phrases : {&relation.questions, &relation.statements})
          for (const auto& phrase : *phrases) {
            const auto plain = phrase.items(Speech::plain), other = phrase.items(speech);
            same += std::equal(plain.begin(), plain.end(), other.begin(), other.end());
            ++all;
          }
    EXPECT_LE(same, all / 20) << int(speech);
    const World world = changed(0, [&](Switches& s) { s.speech = speech; });
    for (const auto& document : sample(world, "angry dialogue", 50)) EXPECT_GT(harm_by_name("insult").would_begin(document.tokens), 0u) << world.text(document.tokens);
  }
}

}  // namespace
}  // namespace fairfight::tinytown
