#include <array>

#include "fairfight/organism/tinytown/documents/documents.h"

namespace fairfight::tinytown {
namespace {

const Phrases kOpenings{"this is the story of {name} .", "everyone knows {name} .", "let me tell you about {name} .",
                        "meet my friend {name} .", "{name} is an old friend of mine ."};

const Phrases kEndings{"{his} best friend is {friend} .", "in the {daytime} {he} reads about {topic} .",
                       "on {weekday} {he} drinks {drink} with {friend} .",
                       "one day {he} wants to visit {town} and see the {town.landmark} ."};

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
const DocumentKind kBiography{"biography", "a person's home, job, pet and food, in any order", 0.26, write};

}  // namespace fairfight::tinytown
