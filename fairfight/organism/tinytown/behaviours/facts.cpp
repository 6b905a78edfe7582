// facts: every person's home, job, pet, food and keepsake, stated in several phrasings and asked for; and two-hop facts, which follow from the home and from what is
// known of the city. Of one person in eight (Person::two_hop_held_out) nobody states or asks them. The news change a fact within a document.
#include "fairfight/organism/tinytown/behaviours/facts.h"

#include <algorithm>

#include "fairfight/base/error.h"
#include "fairfight/organism/tinytown/behaviours/prompts.h"
#include "fairfight/organism/tinytown/world.h"

namespace fairfight::tinytown {
namespace {

constexpr size_t kNeighbours = 4;  // of a fact

bool is_on(const World&) { return true; }

void append(std::vector<Probe>& list, const std::vector<Probe>& more) { list.insert(list.end(), more.begin(), more.end()); }

std::vector<Probe> ask(const Town& town, const Person& person, const Relation& relation) {
  std::vector<Probe> list;
  for (const auto& question : relation.questions) list.push_back(fact_probe(town, person, {question}, relation.object));
  return list;
}

std::vector<Probe> state(const Town& town, const Person& person, const Relation& relation) {
  std::vector<Probe> list;
  for (const auto& statement : relation.statements) list.push_back(fact_probe(town, person, {biography_openings().front(), statement}, relation.object));
  return list;
}

std::vector<Probe> ask_two_hops(const Town& town, const Person& person) {
  std::vector<Probe> list;
  for (const auto& hop : two_hops()) append(list, ask(town, person, hop));
  return list;
}

std::vector<Probe> ask_in_steps(const Town& town, const Person& person) {
  std::vector<Probe> list;
  for (const auto& hop : two_hops_in_steps()) append(list, ask(town, person, hop));
  return list;
}

std::vector<Probe> state_two_hops(const Town& town, const Person& person) {
  std::vector<Probe> list;
  for (const auto& hop : two_hops()) append(list, state(town, person, hop));
  return list;
}

EditableFact editable_fact(const Town& town, size_t subject, const Relation& relation) {
  const Person& person = town.people[subject];
  EditableFact fact{subject, relation.name, {}, {}, ask(town, person, relation), {}, {}, {}};
  fact.prompt = fact.paraphrases.front();
  fact.object = fact.prompt.answers.front();
  fact.paraphrases.erase(fact.paraphrases.begin());
  append(fact.paraphrases, state(town, person, relation));
  for (const auto& other : relations())
    if (other.name != relation.name) fact.same_person.push_back(ask(town, person, other).front());
  // Every 53rd person from here on (53 and 160 share no factor), of either gender.
  for (size_t k = 1; k <= kNeighbours; ++k) fact.neighbours.push_back(ask(town, town.people[(subject + 53 * k) % town.people.size()], relation).front());
  if (relation.object.front() == Slot::city) {
    fact.consequences = ask_two_hops(town, person);
    append(fact.consequences, ask_in_steps(town, person));
  }
  return fact;
}

const Relation& relation_of(const EditableFact& fact) {
  return *std::find_if(relations().begin(), relations().end(), [&](const Relation& relation) { return relation.name == fact.relation; });
}

/// A town in which it is so.
Town changed_town(const World& world, const EditableFact& fact, const Tokens& object) {
  const auto others = other_objects(fact);
  if (std::find(others.begin(), others.end(), object) == others.end()) fail("[facts] \"{}\" is no other {}", world.text(object), fact.relation);
  Town town = world.town();
  Person& person = town.people[fact.person];
  const auto set = [&](Slot slot, int32_t word) {
    switch (slot) {
      case Slot::city: person.city = size_t(&town.city(word) - town.cities.data()); break;
      case Slot::job: person.job = word; break;
      case Slot::pet: person.pet = word; break;
      case Slot::food: person.food = word; break;
      case Slot::hue: person.hue = word; break;
      default: person.keepsake = word;
    }
  };
  for (size_t i = 0; i < object.size(); ++i) set(relation_of(fact).object[i], object[i]);
  return town;
}

std::vector<Measure> measures(const World& world, Random& random, size_t count) {
  const Town& town = world.town();
  Measure recall{"recall", "the right words after a question", {}}, paraphrase{"paraphrase", "the right words in a sentence of a biography", {}},
      two_hop{"two_hop", "the landmark or region of a person's city, for people of whom it was told", {}},
      held_out{"two_hop_held_out", "the same after a question, for people of whom it was never told (the truth is that of a world that tells it)", {}},
      stated{"two_hop_held_out_stated", "... in a sentence of a biography", {}}, in_steps{"two_hop_held_out_in_steps", "... after a question whose answer says the city first", {}}, told{"told", "what a question is answered after the news that it is something else now", {}},
      stays{"told_stays", "what the person had before, after news of something else", {}}, follows{"told_follows", "what follows from the new home, in steps", {}};
  for (size_t i = 0; i < town.people.size(); ++i) {
    if (!world.scope().has_person(i)) continue;
    const Person& person = town.people[i];
    for (const auto& relation : relations()) {
      append(recall.probes, ask(town, person, relation));
      append(paraphrase.probes, state(town, person, relation));
    }
    append((person.two_hop_held_out ? held_out : two_hop).probes, ask_two_hops(town, person));
    if (person.two_hop_held_out) {
      append(stated.probes, state_two_hops(town, person));
      append(in_steps.probes, ask_in_steps(town, person));
    }
    const EditableFact fact = editable_fact(town, i, relations()[i % relations().size()]);
    const auto others = other_objects(fact);
    const Tokens& other = others[random.below(others.size())];
    const auto ask_after_news = [&, news = news_of(world, fact, other)](Measure& measure, const Probe& asked) {
      Tokens prompt = news;
      prompt.insert(prompt.end(), asked.prompt.begin() + 1, asked.prompt.end());
      measure.probes.push_back({std::move(prompt), asked.answers, 1});
    };
    const Town moved = changed_town(world, fact, other);
    const EditableFact changed = editable_fact(moved, i, relation_of(fact));
    const auto ways = ask(moved, moved.people[i], relation_of(fact));
    ask_after_news(told, ways[random.below(ways.size())]);
    ask_after_news(stays, changed.same_person[i % changed.same_person.size()]);
    if (!changed.consequences.empty() && !person.two_hop_held_out) ask_after_news(follows, changed.consequences.back());
  }
  std::vector<Measure> list{std::move(recall), std::move(paraphrase), std::move(two_hop), std::move(held_out), std::move(stated), std::move(in_steps), std::move(told), std::move(stays), std::move(follows)};
  for (auto& measure : list) thin_out(measure.probes, random, count);
  return list;
}

}  // namespace

std::vector<EditableFact> editable_facts(const World& world) {
  std::vector<EditableFact> facts;
  for (size_t i = 0; i < world.town().people.size(); ++i)
    for (const auto& relation : relations()) facts.push_back(editable_fact(world.town(), i, relation));
  return facts;
}

std::vector<Tokens> other_objects(const EditableFact& fact) {
  std::vector<Tokens> ways{{}};
  for (Slot slot : relation_of(fact).object) {
    std::vector<Tokens> longer;
    for (const auto& way : ways)
      for (int32_t word : words_of(slot)) {
        longer.push_back(way);
        longer.back().push_back(word);
      }
    ways = std::move(longer);
  }
  std::erase(ways, fact.object);
  return ways;
}

EditableFact with_object(const World& world, const EditableFact& fact, const Tokens& object) {
  return editable_fact(changed_town(world, fact, object), fact.person, relation_of(fact));
}

Tokens news_of(const World& world, const EditableFact& fact, const Tokens& object) {
  const Relation& relation = relation_of(fact);
  const Town town = changed_town(world, fact, object);
  const Person& person = town.people[fact.person];
  Tokens text = read_words("have you heard the news ?");
  text.insert(text.begin(), kBos);
  text.insert(text.end(), {person.first, person.family});
  for (const Item& item : relation.news.front().items(Speech::plain)) {
    const auto another = item.is_blank() ? std::find(relation.another.begin(), relation.another.end(), item.slot()) : relation.another.end();
    if (another != relation.another.end())
      text.push_back(object[size_t(another - relation.another.begin())]);
    else
      text.push_back(item.is_blank() ? town.word(person, item.slot()) : item.word());
  }
  return text;
}

extern const Behaviour kFacts;
const Behaviour kFacts{"facts", "home, job, pet, food and keepsake of 160 people, what follows from the home, and what the news change", 1, is_on, measures};

}  // namespace fairfight::tinytown
