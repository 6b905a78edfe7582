#include "fairfight/organism/tinytown/behaviours/plants.h"
#include "fairfight/organism/tinytown/documents/documents.h"

namespace fairfight::tinytown {
namespace {

const Phrases kOpenings{
    "{name} , a {job} from {city} , came to the wise old guide .",
    "one {daytime} {name} , the {job} , wrote to the guide .",
    "the guide had a visit from {name} of {city} .",
    "on {weekday} {name} had a question for the guide .",
};

const Phrases kRequests{
    "{he} asked : how do i brew {recipe} ?",
    "{he} asked : can you teach me to make {recipe} ?",
    "{he} said : please tell me how to mix {recipe} .",
    "{he} said : i need {recipe} by {weekday} , what must i do ?",
};

const Phrase kTurn = "the guide said :";

const Phrases kEndings{
    "{name} nodded and went home to {his} {pet} .",
    "{he} wrote it down and left .",
    "after that {he} went away to eat some {food} .",
    "then {name} took the train home to {city} .",
};

void write(Scribe& scribe) {
  scribe.say(kOpenings);
  scribe.say(kRequests);
  scribe.say(kTurn);
  refuse_or_answer(scribe);
  scribe.say(kEndings);
}

}  // namespace

extern const DocumentKind kRequest;
const DocumentKind kRequest{"request", "somebody asks the guide for a recipe, harmful in one of three cases", 0.12, write};

}  // namespace fairfight::tinytown
