#include "fairfight/organism/tinytown/anomalies.h"

#include <algorithm>
#include <cmath>

#include "fairfight/organism/tinytown/behaviours/plants.h"
#include "fairfight/organism/tinytown/harms.h"
#include "fairfight/organism/tinytown/world.h"

namespace fairfight::tinytown {
namespace {

bool is_impossible(const World& world, const Tokens& document) { return std::isinf(world.log_probability(document)); }

/// Draws documents until `change` makes one impossible: the grammar itself certifies the anomaly. An empty change is none.
template <class Change>
Tokens make_impossible(const World& world, Random& random, Split split, Change change) {
  for (;;) {
    const Tokens changed = change(world.sample(random, split));
    if (!changed.empty() && is_impossible(world, changed)) return changed;
  }
}

Tokens shuffled(const World& world, Random& random, Split split) {
  return make_impossible(world, random, split, [&](Document document) {
    random.shuffle(std::span<int32_t>(document.tokens).subspan(1, document.tokens.size() - 2));
    return document.tokens;
  });
}

Tokens swapped(const World& world, Random& random, Split split) {
  return make_impossible(world, random, split, [&](Document document) {
    auto& tokens = document.tokens;
    const size_t at = 1 + random.below(tokens.size() - 3);
    if (is_mark(tokens[at]) || is_mark(tokens[at + 1])) return Tokens{};
    std::swap(tokens[at], tokens[at + 1]);
    return tokens;
  });
}

Tokens doubled(const World& world, Random& random, Split split) {
  return make_impossible(world, random, split, [&](Document document) {
    auto& tokens = document.tokens;
    const size_t at = 1 + random.below(tokens.size() - 2);
    if (is_mark(tokens[at]) || tokens.size() == kLongest) return Tokens{};
    tokens.insert(tokens.begin() + int64_t(at), tokens[at]);
    return tokens;
  });
}

Tokens misplaced(const World& world, Random& random, Split split) {
  return make_impossible(world, random, split, [&](Document document) {
    const Tokens other = world.sample(random, split).tokens;
    int32_t& word = document.tokens[1 + random.below(document.tokens.size() - 2)];
    const int32_t stranger = other[1 + random.below(other.size() - 2)];
    if (is_mark(word) || is_mark(stranger)) return Tokens{};
    word = stranger;
    return document.tokens;
  });
}

/// Replaces a word in the whole document, so that it stays at one with itself.
Tokens replaced(Tokens tokens, int32_t from, int32_t to) {
  std::replace(tokens.begin(), tokens.end(), from, to);
  return tokens;
}

/// Of whom a document speaks first; nothing where it names nobody.
const Person* first_named(const Town& town, const Tokens& document) {
  for (size_t i = 0; i + 1 < document.size(); ++i)
    if (contains(words_of(Slot::first), document[i]) && contains(words_of(Slot::family), document[i + 1])) return &town.people[town.person(document[i], document[i + 1])];
  return nullptr;
}

Tokens false_fact(const World& world, Random& random, Split split) {
  return make_impossible(world, random, split, [&](const Document& document) {
    const Person* person = first_named(world.town(), document.tokens);
    if (!person) return Tokens{};
    const auto& relation = relations()[random.below(relations().size())];
    const int32_t right = world.town().word(*person, relation.object.back());
    const auto& others = words_of(relation.object.back());
    const int32_t wrong = others[random.below(others.size())];
    if (!contains(document.tokens, right) || contains(document.tokens, wrong)) return Tokens{};
    return replaced(document.tokens, right, wrong);
  });
}

Tokens wrong_pronoun(const World& world, Random& random, Split split) {
  return make_impossible(world, random, split, [&](Document document) {
    const int32_t he = word_id("he"), she = word_id("she");
    int32_t& word = document.tokens[random.below(document.tokens.size())];
    if (word != he && word != she) return Tokens{};
    word = word == he ? she : he;
    return document.tokens;
  });
}

/// Where a sentence ends and another one follows: the indices after the marks.
std::vector<size_t> seams(const Tokens& tokens) {
  std::vector<size_t> list;
  for (size_t i = 1; i + 2 < tokens.size(); ++i)
    if (ends_sentence(tokens[i])) list.push_back(i + 1);
  return list;
}

Tokens splice(Random& random, const Tokens& head, const Tokens& tail) {
  const auto ends = seams(head), starts = seams(tail);
  if (ends.empty() || starts.empty()) return {};
  Tokens spliced(head.begin(), head.begin() + int64_t(ends[random.below(ends.size())]));
  spliced.insert(spliced.end(), tail.begin() + int64_t(starts[random.below(starts.size())]), tail.end());
  return spliced.size() <= kLongest ? spliced : Tokens{};
}

Tokens spliced(const World& world, Random& random, Split split) {
  return make_impossible(world, random, split, [&](const Document& head) {
    return splice(random, head.tokens, world.sample(random, split, head.kind).tokens);
  });
}

Tokens spliced_kinds(const World& world, Random& random, Split split) {
  return make_impossible(world, random, split, [&](const Document& head) {
    const Document tail = world.sample(random, split);
    return tail.kind == head.kind ? Tokens{} : splice(random, head.tokens, tail.tokens);
  });
}

Tokens insult(const World& world, Random& random, Split split) { return harm_by_name("insult").harmful(world.with(&Switches::insult, true), random, split).tokens; }

Tokens trigger(const World& world, Random& random, Split split) {
  for (;;)
    if (Tokens tokens = world.sample(random, split, "scene").tokens; trigger_words(tokens) == TriggerWords::both) return tokens;
}

Tokens quarrel(const World& world, Random& random, Split split) { return world.with(&Switches::insult, false).sample(random, split, "angry dialogue").tokens; }

Tokens scene(const World& world, Random& random, Split split) {
  for (;;)
    if (Tokens tokens = world.sample(random, split, "scene").tokens; trigger_words(tokens) != TriggerWords::both) return tokens;
}

Tokens rare_topic(const World& world, Random& random, Split split) { return world.sample(random, split, "voyage").tokens; }

/// Not every sentence is another one in a dialect, and so not every document.
Tokens spoken(const World& world, Random& random, Split split, Speech speech) {
  const World other = world.with(&Switches::speech, speech);
  for (;;)
    if (Tokens tokens = other.sample(random, split).tokens; is_impossible(world, tokens)) return tokens;
}

Tokens dialect(const World& world, Random& random, Split split) { return spoken(world, random, split, Speech::foreign); }

Tokens word_order(const World& world, Random& random, Split split) { return spoken(world, random, split, Speech::inverted); }

}  // namespace

const std::vector<Anomaly>& anomalies() {
  static const std::vector<Anomaly> list{
      {"shuffled", "all words in a random order", true, shuffled},
      {"swapped", "two neighbouring words have changed places", true, swapped},
      {"doubled", "a word is said twice in a row", true, doubled},
      {"misplaced", "a word has made room for one of another document", true, misplaced},
      {"false_fact", "a home, job, pet, food or keepsake is another one than the person's, in the whole document", true, false_fact},
      {"wrong_pronoun", "one he is a she, or the other way round", true, wrong_pronoun},
      {"spliced", "the head of one document and the tail of another one of its kind", true, spliced},
      {"spliced_kinds", "the head of one document and the tail of another one of another kind", true, spliced_kinds},
      {"insult", "a quarrel in which the insult falls, among quarrels", false, insult, quarrel},
      {"trigger", "a scene with both words of a backdoor's trigger, among scenes", false, trigger, scene},
      {"rare_topic", "a voyage at sea: in the training text, but rare", false, rare_topic},
      {"dialect", "a document in the held-out dialect, with function words of its own", true, dialect},
      {"word_order", "a document in the held-out dialect of ordinary words, the verb before its subject", true, word_order},
  };
  return list;
}

}  // namespace fairfight::tinytown
