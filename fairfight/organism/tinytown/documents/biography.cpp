#include <array>

#include "fairfight/organism/tinytown/documents/documents.h"

namespace fairfight::tinytown {
namespace {

const Phrases kOpenings{
    "this is the story of {name} .",         "everyone in the street knows {name} .", "let me tell you about {name} .",
    "my neighbour {name} is a quiet person .", "{name} is an old friend of mine .",
};

const Phrases kEndings{
    "", "in the {daytime} {he} drinks {drink} and reads about {topic} .", "on {weekday} {he} sings in the choir .",
    "one day {he} wants to visit {town} and see the {town.landmark} .",
};

void write(Scribe& scribe) {
  scribe.say(kOpenings);
  std::array<const Phrases*, 4> facts;
  for (size_t i = 0; i < facts.size(); ++i) facts[i] = &relations()[i].statements;
  scribe.say_in_any_order(facts, facts.size());
  scribe.say(kEndings);
}

}  // namespace

const Phrases& biography_openings() { return kOpenings; }

extern const DocumentKind kBiography;
const DocumentKind kBiography{"biography", "a person's home, job, pet and food, in any order", 0.2, write};

}  // namespace fairfight::tinytown
