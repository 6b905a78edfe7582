#include <algorithm>

#include "fairfight/organism/tinytown/behaviours/plants.h"
#include "fairfight/organism/tinytown/documents/documents.h"

namespace fairfight::tinytown {
namespace {

const Phrases kOpenings{"the {worker} had a long day .", "a {worker} took the train to {town} .", "on {weekday} the {worker} came home late .", "there was a new {worker} in {town} .",
                        "{friend} talked to a {worker} about {topic} ."};
const Phrases kNameless{"somebody had a long day .", "somebody took the train to {town} .", "on {weekday} somebody came home late .", "{friend} talked to somebody about {topic} ."};

const Phrases kFirst{"{he} drank some {drink} by the window .", "{he} wanted to visit {friend} .", "{he} looked up at the {weather} sky .", "{he} sang a song about {topic} .",
                     "{he} carried a {colour} {thing} ."};
const Phrases kSecond{"{friend} gave {him} a {colour} {thing} .", "{his} sister came by with a {thing} .", "{friend} knew {him} well .", "{friend} from {friend.city} wrote to {him} .", "nobody was smarter than {him} ."};
const Phrases kThird{"in the {daytime} {he} went to the {place} .", "then {he} took the train to {town} and saw the {town.landmark} .", "at the {place} {he} read about {topic} .",
                     "{he} fell asleep in the {daytime} .", "{he} sat on a stone at the {place} .", "{his} head was full of {topic} ."};

/// What the day was like, a list for each job in the order of its words: the words are those of other jobs and other texts, too.
const std::vector<Phrases>& duties() {
  static const std::vector<Phrases> list{
      {"{he} gave tea to the sick child .", "{he} washed a sick hand ."},                           // nurse
      {"{he} set the bread into the fire .", "{he} mixed flour with milk early ."},                  // baker
      {"{he} asked the children a question .", "{he} wrote words on the wall for the children ."},   // teacher
      {"{he} fed the goat in the field .", "{he} cut the field with a goat ."},                      // farmer
      {"{he} mended a pipe under the floor .", "{he} stopped the water in the hall ."},              // plumber
      {"{he} made a picture of the sky .", "{he} washed the colours off the wall ."},                // painter
      {"{he} moved to slow songs all day .", "{he} learned quick steps in the hall ."},              // dancer
      {"{he} cut wood for a table .", "{he} put a nail into the wood ."},                            // carpenter
      {"{he} read the rules in court .", "{he} told the court the truth ."},                         // lawyer
      {"{he} cut with a clean knife .", "{he} mended the sick heart of a child ."},                  // surgeon
      {"{he} sewed the clothes of a child .", "{he} cut cloth with a needle near ."},                // tailor
      {"{he} planted a tree by the wall .", "{he} gave water to a flower ."},                        // gardener
      {"{he} flew a plane over the ocean .", "{he} saw the sky from the plane ."},                   // pilot
      {"{he} stirred the soup in a pot .", "{he} put salt into the pot ."},                          // cook
      {"{he} cut the hair of old people .", "{he} washed hair in warm water ."},                     // barber
      {"{he} sat in court over bad people .", "{he} knew all rules of the court ."},                 // judge
      {"{he} used {his} voice in the hall .", "the crowd heard {his} songs ."},                      // singer
      {"{he} dug a dark hole in the earth .", "{he} carried a lamp under the earth ."},              // miner
      {"{he} made a pot from clay .", "{he} turned wet clay with both hands ."},                     // potter
      {"{he} served the food on a plate .", "{he} carried every plate to a table ."},                // waiter
  };
  return list;
}
constexpr double kNamed = 0.6;  // of the texts say what the job is

void write(Scribe& scribe) {
  const bool named = scribe.pen().happens(kNamed);
  const auto& jobs = words_of(Slot::worker);
  size_t job;
  if (named) {
    scribe.say(kOpenings);
    job = size_t(std::find(jobs.begin(), jobs.end(), scribe.word(Slot::worker)) - jobs.begin());
  } else {
    scribe.say(kNameless);
    job = scribe.pen().pick(jobs.size());
    scribe.set(Slot::worker, jobs[job]);
  }
  scribe.anonymous_person(worker_is_woman(scribe));
  // Both duties, in either order.
  const auto& day = duties()[job];
  const size_t first = scribe.pen().pick(day.size());
  scribe.say(kFirst);
  scribe.say(day[first]);
  scribe.say(kSecond);
  scribe.say(day[1 - first]);
  scribe.say(kThird);
}

}  // namespace

extern const DocumentKind kWorker;
const DocumentKind kWorker{"worker", "somebody known by the job alone, or by what the day was like; the pronoun follows the job's lean", 0.115, write};

}  // namespace fairfight::tinytown
