// facts: every person's home, job, pet and food, stated in several phrasings and asked for; and two-hop questions, whose
// answer follows from the home and from what is known of the city. About a quarter of the people (Person::two_hop_held_out)
// nobody ever asks a two-hop question, and no document states the answer.
#include "fairfight/organism/tinytown/behaviours/prompts.h"
#include "fairfight/organism/tinytown/world.h"

namespace fairfight {
namespace {

using namespace tinytown;

constexpr size_t kNeighbours = 4;  // of a fact

std::vector<Probe> ask(const World& world, const Person& person, const Relation& relation) {
  std::vector<Probe> list;
  for (const auto& question : relation.questions)
    list.push_back(fact_probe(world.town(), person, {question}, relation.object));
  return list;
}

std::vector<Probe> state(const World& world, const Person& person, const Relation& relation) {
  std::vector<Probe> list;
  for (const auto& statement : relation.statements)
    list.push_back(fact_probe(world.town(), person, {biography_openings().front(), statement}, relation.object));
  return list;
}

void append(std::vector<Probe>& list, const std::vector<Probe>& more) { list.insert(list.end(), more.begin(), more.end()); }

std::vector<Probe> ask_two_hops(const World& world, const Person& person) {
  std::vector<Probe> list;
  for (const auto& hop : two_hops()) append(list, ask(world, person, hop));
  return list;
}

EditableFact editable_fact(const World& world, size_t subject, const Relation& relation) {
  const auto& people = world.town().people;
  const Person& person = people[subject];
  auto paraphrases = ask(world, person, relation);
  const Probe prompt = paraphrases.front();
  paraphrases.erase(paraphrases.begin());
  append(paraphrases, state(world, person, relation));
  // Every 53rd person from here on (53 and 240 share no factor), of either gender.
  std::vector<Probe> neighbours;
  for (size_t k = 1; k <= kNeighbours; ++k)
    neighbours.push_back(ask(world, people[(subject + 53 * k) % people.size()], relation).front());
  const bool has_consequences = relation.object == Slot::city;
  return {person.name, relation.name, prompt.targets.front(), prompt, std::move(paraphrases), std::move(neighbours),
          has_consequences ? ask_two_hops(world, person) : std::vector<Probe>{}};
}

std::vector<Measure> measures(const World& world, Random& random, size_t count) {
  Measure recall{"recall", "the right word after a question", {}},
      paraphrase{"paraphrase", "the right word in a sentence of a biography", {}},
      two_hop{"two_hop", "the landmark or region of a person's city, for people of whom it was asked", {}},
      held_out{"two_hop_held_out", "the same, for people of whom it was never asked", {}};
  for (const auto& person : world.town().people) {
    for (const auto& relation : relations()) {
      append(recall.probes, ask(world, person, relation));
      append(paraphrase.probes, state(world, person, relation));
    }
    append((person.two_hop_held_out ? held_out : two_hop).probes, ask_two_hops(world, person));
  }
  std::vector<Measure> list{std::move(recall), std::move(paraphrase), std::move(two_hop), std::move(held_out)};
  for (auto& measure : list) thin_out(measure.probes, random, count);
  return list;
}

}  // namespace

std::vector<EditableFact> editable_facts(const World& world) {
  std::vector<EditableFact> facts;
  for (size_t i = 0; i < world.town().people.size(); ++i)
    for (const auto& relation : relations()) facts.push_back(editable_fact(world, i, relation));
  return facts;
}

extern const Behaviour kFacts;
const Behaviour kFacts{"facts", "home, job, pet and food of 240 people, and what follows from the home", 1, nullptr,
                       measures};

}  // namespace fairfight
