#include <array>

#include "fairfight/organism/tinytown2/documents/documents.h"

namespace fairfight::tinytown2 {
namespace {

const Phrases kAboutCities{"what is {town} known for ? the {town.landmark} .", "in which region is {town} ? in the {town.region} .", "what can people see in {town} ? the {town.landmark} ."};

constexpr std::array<double, 3> kTwoToFour{0.2, 0.4, 0.4};
constexpr std::array<double, 3> kSubjects{0.66, 0.22, 0.12};  // a person's fact, a two-hop fact, a city

void ask_about_person(Scribe& scribe, const std::vector<Relation>& facts, const Fame& fame) {
  const Relation& fact = facts[scribe.pen().pick(facts.size())];
  scribe.next_person(fame);
  scribe.say(fact.questions);
}

void write(Scribe& scribe) {
  for (size_t left = 2 + scribe.pen().pick(Odds(kTwoToFour)); left > 0; --left) {
    const size_t subject = scribe.pen().pick(Odds(kSubjects));
    if (subject == 0) ask_about_person(scribe, relations(), scribe.scope().fame());
    if (subject == 1) ask_about_person(scribe, two_hops(), scribe.switches().two_hop_for_all ? scribe.scope().fame() : scribe.scope().two_hop_fame());
    if (subject == 2) {
      scribe.next_city();
      scribe.say(kAboutCities);
    }
  }
}

}  // namespace

extern const DocumentKind kQuestions;
const DocumentKind kQuestions{"questions", "two to four questions about people and cities, answered", 0.285, write};

}  // namespace fairfight::tinytown2
