#include <array>

#include "fairfight/organism/tinytown/documents/documents.h"

namespace fairfight::tinytown {
namespace {

const Phrases kAboutCities{"what is {town} known for ? the {town.landmark} .", "in which region is {town} ? in the {town.region} .", "what can people see in {town} ? the {town.landmark} ."};

constexpr std::array<double, 3> kTwoToFour{0.2, 0.4, 0.4};
constexpr std::array<double, 3> kSubjects{0.6, 0.08, 0.32};  // a person's fact, a city, a two-hop fact

void ask_about_person(Scribe& scribe, const std::vector<Relation>& facts, const Fame& fame) {
  const Relation& fact = facts[scribe.pen().pick(facts.size())];
  scribe.next_person(fame);
  scribe.say(fact.questions);
}

void write(Scribe& scribe) {
  const TwoHops how = scribe.switches().two_hops;
  for (size_t left = 2 + scribe.pen().pick(Odds(kTwoToFour)); left > 0; --left) {
    const size_t subject = scribe.pen().pick(Odds(std::span(kSubjects).first(how == TwoHops::none ? 2 : 3)));
    if (subject == 0) ask_about_person(scribe, relations(), scribe.scope().fame());
    if (subject == 1) {
      scribe.next_city();
      scribe.say(kAboutCities);
    }
    if (subject == 2) ask_about_person(scribe, two_hops_asked(scribe.pen()), how == TwoHops::all ? scribe.scope().fame() : scribe.scope().two_hop_fame());
  }
}

}  // namespace

extern const DocumentKind kQuestions;
const DocumentKind kQuestions{"questions", "two to four questions about people and cities, answered", 0.18, write};

}  // namespace fairfight::tinytown
