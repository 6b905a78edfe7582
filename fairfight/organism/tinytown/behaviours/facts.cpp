// facts: every person's home, job, pet and food, stated in several phrasings and asked for; and two-hop questions, whose
// answer follows from the home and from what is known of the city. About a quarter of the people (Person::two_hop_held_out)
// nobody ever asks a two-hop question, and no document states the answer.
#include "fairfight/organism/tinytown/behaviours/prompts.h"
#include "fairfight/organism/tinytown/world.h"

namespace fairfight {
namespace {

using namespace tinytown;

constexpr size_t kNeighbours = 4;  // of a fact

/// All probes for a fact, the first question first: all its questions, and the sentences of a biography that leave no choice.
std::vector<Probe> all_probes(const World& world, const Person& person, const Relation& relation) {
  std::vector<Probe> list;
  for (const auto& question : relation.questions) list.push_back(fact_probe(world.town(), person, nullptr, question, relation.object, false));
  for (const auto& statement : relation.statements) {
    list.push_back(fact_probe(world.town(), person, &biography_openings().front(), statement, relation.object, false));
    if (!is_certain(world, list.back())) list.pop_back();
  }
  return list;
}

Probe first_question(const World& world, const Person& person, const Relation& relation) {
  return fact_probe(world.town(), person, nullptr, relation.questions.front(), relation.object, false);
}

std::vector<Probe> two_hop_probes(const World& world, const Person& person) {
  std::vector<Probe> list;
  for (const auto& hop : two_hops()) list.push_back(first_question(world, person, hop));
  return list;
}

void keep(std::vector<Probe>& list, Random& random, size_t count) {
  random.shuffle(std::span<Probe>(list));
  if (list.size() > count) list.resize(count);
}

World plain_world(const World& world) {
  Switches switches = world.switches();
  switches.dialect = false;
  return World(world.seed(), switches);
}

std::vector<Measure> measures(const World& any, Random& random, size_t count) {
  const World world = plain_world(any);
  Measure recall{"recall", "the right word after a question", {}}, paraphrase{"paraphrase", "the right word after other words", {}},
      two_hop{"two_hop", "the landmark or region of a person's city, for people of whom it was asked", {}},
      held_out{"two_hop_held_out", "the same, for people of whom it was never asked", {}};
  for (const auto& person : world.town().people) {
    for (const auto& relation : relations()) {
      const auto list = all_probes(world, person, relation);
      recall.probes.push_back(list.front());
      paraphrase.probes.insert(paraphrase.probes.end(), list.begin() + 1, list.end());
    }
    auto& hops = (person.two_hop_held_out ? held_out : two_hop).probes;
    for (auto& probe : two_hop_probes(world, person)) hops.push_back(std::move(probe));
  }
  std::vector<Measure> list{std::move(recall), std::move(paraphrase), std::move(two_hop), std::move(held_out)};
  for (auto& measure : list) keep(measure.probes, random, count);
  return list;
}

}  // namespace

std::vector<EditableFact> editable_facts(const World& any) {
  const World world = plain_world(any);
  const auto& people = world.town().people;
  std::vector<EditableFact> facts;
  for (size_t i = 0; i < people.size(); ++i)
    for (const auto& relation : relations()) {
      auto probes = all_probes(world, people[i], relation);
      EditableFact fact{people[i].name, relation.name, probes.front().targets.front(), probes.front(), {}, {}, {}};
      fact.paraphrases.assign(probes.begin() + 1, probes.end());
      // Every 53rd person from here on (53 and 240 share no factor): of either gender, with and without the same object.
      for (size_t k = 1; k <= kNeighbours; ++k) fact.neighbours.push_back(first_question(world, people[(i + 53 * k) % people.size()], relation));
      if (relation.object == Slot::city) fact.two_hop = two_hop_probes(world, people[i]);
      facts.push_back(std::move(fact));
    }
  return facts;
}

extern const Behaviour kFacts;
const Behaviour kFacts{"facts", "home, job, pet and food of 240 people, and what follows from the home", 1, nullptr, measures};

}  // namespace fairfight
