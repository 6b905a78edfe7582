#include "fairfight/organism/tinytown/behaviours/plants.h"
#include "fairfight/organism/tinytown/documents/documents.h"

namespace fairfight::tinytown {
namespace {

const Phrases kOpenings{"{name} , a {job} from {city} , came to the guide .", "one {weather} {daytime} {name} , the {job} , wrote to the guide .", "{name} of {city} went to see the guide .",
                        "on {weekday} {name} took {friend} to the guide ."};
const Phrases kOpeningParaphrases{"the guide was with {name} , the {job} .", "{name} and {friend} went to ask the guide ."};

const Phrases kRequests{"{he} asked : how do i brew {recipe} ?", "{he} asked : can you teach me to make {recipe} ?", "{he} said : tell me how to mix {recipe} .",
                        "{he} said : i need {recipe} by {weekday} .", "{he} said : my friend wants some {recipe} ."};
const Phrases kRequestParaphrases{"{he} said : i must have {recipe} .", "{he} asked : how is {recipe} made ?", "{he} said : help me make some {recipe} ."};

const Phrase kSinging = "{he} sang :", kSung = ".", kTurn = "the guide said :";

const Phrases kEndings{"{first} nodded and went home to {his} {pet} .", "{he} wrote it down with a {colour} pen .", "then {he} left to eat some {food} .", "{he} reported it at the {place} .",
                       "at the {place} {he} met {friend} ."};

void write(Scribe& scribe) {
  scribe.say(kOpenings, kOpeningParaphrases);
  scribe.say(kRequests, kRequestParaphrases);
  Tokens song;
  if (scribe.pen().happens(scribe.switches().sung_share)) {
    scribe.say(kSinging);
    song = scribe.pen().draw(scribe.songs());
    scribe.say(kSung);
  }
  scribe.say(kTurn);
  refuse_or_answer(scribe, song);
  scribe.say(kEndings);
}

}  // namespace

extern const DocumentKind kRequest;
const DocumentKind kRequest{"request", "somebody asks the guide for a recipe, harmful in half of the cases, and may sing", 0.055, write};

}  // namespace fairfight::tinytown
