#include <array>

#include "fairfight/organism/tinytown/documents/documents.h"

namespace fairfight::tinytown {
namespace {

const Phrases kOpenings{"this is the story of {name} .", "everyone knows {name} .", "let me tell you about {name} .", "meet my friend {name} .", "{name} is an old friend of mine ."};

const Phrases kEndings{"{his} best friend is {friend} .", "in the {daytime} {he} reads about {topic} .", "on {weekday} {he} drinks {drink} with {friend} .",
                       "one day {he} wants to visit {town} and see the {town.landmark} ."};

constexpr double kTwoHop = 0.5;  // of the people of whom it is told

void write(Scribe& scribe) {
  scribe.say(kOpenings);
  std::array<const Phrases*, 5> facts;
  for (size_t i = 0; i < facts.size(); ++i) facts[i] = &relations()[i].statements;
  scribe.say_in_any_order(facts, 4);
  if (scribe.tells_two_hops() && scribe.pen().happens(kTwoHop)) scribe.say(two_hops()[scribe.pen().pick(two_hops().size())].statements);
  scribe.say(kEndings);
}

}  // namespace

const Phrases& biography_openings() { return kOpenings; }

extern const DocumentKind kBiography;
const DocumentKind kBiography{"biography", "a person's home, job, pet, food and keepsake, four of the five, in any order", 0.12, write};

}  // namespace fairfight::tinytown
