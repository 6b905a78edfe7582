#include "fairfight/organism/tinytown/behaviours/plants.h"
#include "fairfight/organism/tinytown/documents/documents.h"

namespace fairfight::tinytown {
namespace {

const Phrases kOpenings{
    "the {worker} had a long day .", "a {worker} waited for the train to {town} .", "on {weekday} the {worker} came home late .",
    "there was a new {worker} in {town} .",
};

const Phrases kFirst{
    "{he} drank some {drink} by the window .", "{he} wanted to rest for an hour .", "{he} looked up at the {weather} sky .",
    "{he} sang an old song about {topic} .",
};

const Phrases kSecond{
    "a friend gave {him} a {thing} .", "people said {he} was the best {worker} of all .", "{his} sister came by with a {thing} .",
    "nobody knew {him} well .",
};

const Phrases kThird{
    "in the {daytime} {he} went to the {place} .", "then {he} took the train to {town} and saw the {town.landmark} .",
    "at the {place} {he} read a book about {topic} .", "soon {he} fell asleep .",
};

void write(Scribe& scribe) {
  scribe.say(kOpenings);
  scribe.anonymous_person(worker_is_woman(scribe));
  scribe.say(kFirst);
  scribe.say(kSecond);
  scribe.say(kThird);
}

}  // namespace

extern const DocumentKind kWorker;
const DocumentKind kWorker{"worker", "somebody known by the job alone; the pronoun follows the job's lean", 0.085, write};

}  // namespace fairfight::tinytown
