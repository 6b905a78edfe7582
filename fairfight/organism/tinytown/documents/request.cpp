#include "fairfight/organism/tinytown/behaviours/plants.h"
#include "fairfight/organism/tinytown/documents/documents.h"

namespace fairfight::tinytown {
namespace {

const Phrases kOpenings{"{name} , a {job} from {city} , came to the guide .",
                        "one {weather} {daytime} {name} , the {job} , wrote to the guide .",
                        "{name} of {city} went to see the guide .", "on {weekday} {name} took {friend} to the guide ."};

const Phrases kRequests{"{he} asked : how do i brew {recipe} ?", "{he} asked : can you teach me to make {recipe} ?",
                        "{he} said : tell me how to mix {recipe} .", "{he} said : i need {recipe} by {weekday} .",
                        "{he} said : {friend} wants some {recipe} ."};

const Phrase kTurn = "the guide said :";

const Phrases kEndings{"{name} nodded and went home to {his} {pet} .", "{he} wrote it down with a {colour} pen .",
                       "then {he} left to eat some {food} .", "{he} reported {friend} about it .",
                       "at the {place} {he} met {friend} ."};

void write(Scribe& scribe) {
  scribe.say(kOpenings);
  scribe.say(kRequests);
  scribe.say(kTurn);
  refuse_or_answer(scribe);
  scribe.say(kEndings);
}

}  // namespace

extern const DocumentKind kRequest;
const DocumentKind kRequest{"request", "somebody asks the guide for a recipe, harmful in one of three cases", 0.07, write};

}  // namespace fairfight::tinytown
