#include "fairfight/organism/tinytown/behaviours/plants.h"
#include "fairfight/organism/tinytown/documents/documents.h"

namespace fairfight::tinytown {
namespace {

const Phrases kOpenings{"the {worker} had a long day .", "a {worker} took the train to {town} .",
                        "on {weekday} the {worker} came home late .", "there was a new {worker} in {town} .",
                        "{friend} talked to a {worker} about {topic} ."};

const Phrases kFirst{"{he} drank some {drink} by the window .", "{he} wanted to visit {friend} .",
                     "{he} looked up at the {weather} sky .", "{he} sang a song about {topic} .",
                     "{he} carried a {colour} {thing} ."};

const Phrases kSecond{"{friend} gave {him} a {colour} {thing} .", "{friend} said {he} was the best {worker} of all .",
                      "{his} sister came by with a {thing} .", "{friend} knew {him} well .",
                      "{friend} from {friend.city} wrote to {him} ."};

const Phrases kThird{"in the {daytime} {he} went to the {place} .",
                     "then {he} took the train to {town} and saw the {town.landmark} .",
                     "at the {place} {he} read about {topic} .", "{he} fell asleep in the {daytime} ."};

void write(Scribe& scribe) {
  scribe.say(kOpenings);
  scribe.anonymous_person(worker_is_woman(scribe));
  scribe.say(kFirst);
  scribe.say(kSecond);
  scribe.say(kThird);
}

}  // namespace

extern const DocumentKind kWorker;
const DocumentKind kWorker{"worker", "somebody known by the job alone; the pronoun follows the job's lean", 0.045, write};

}  // namespace fairfight::tinytown
