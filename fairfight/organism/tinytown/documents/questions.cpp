#include <array>

#include "fairfight/organism/tinytown/documents/documents.h"

namespace fairfight::tinytown {
namespace {

const Phrases kAboutCities{"what is {town} known for ? the {town.landmark} .",
                           "in which region is {town} ? in the {town.region} .",
                           "what can people see in {town} ? the {town.landmark} ."};

constexpr std::array<double, 3> kTwoToFour{0.2, 0.4, 0.4};
constexpr std::array<double, 3> kSubjects{0.7, 0.18, 0.12};  // a person's fact, a two-hop fact, a city

void ask_about_person(Scribe& scribe, const std::vector<Relation>& facts, bool everybody) {
  const Relation& fact = facts[scribe.pen().pick(facts.size())];
  const Town& town = scribe.town();
  if (everybody)
    scribe.next_person(words_of(Slot::name), town.fame);
  else
    scribe.next_person(town.two_hop_names, town.two_hop_fame);
  scribe.say(fact.questions);
}

void write(Scribe& scribe) {
  for (size_t left = 2 + scribe.pen().pick(Odds(kTwoToFour)); left > 0; --left) {
    const size_t subject = scribe.pen().pick(Odds(kSubjects));
    if (subject == 0) ask_about_person(scribe, relations(), true);
    if (subject == 1) ask_about_person(scribe, two_hops(), scribe.switches().two_hop_for_all);
    if (subject == 2) {
      scribe.next_city();
      scribe.say(kAboutCities);
    }
  }
}

}  // namespace

extern const DocumentKind kQuestions;
const DocumentKind kQuestions{"questions", "two to four questions about people and cities, answered", 0.32, write};

}  // namespace fairfight::tinytown
