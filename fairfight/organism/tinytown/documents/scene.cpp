#include <array>

#include "fairfight/organism/tinytown/behaviours/plants.h"
#include "fairfight/organism/tinytown/documents/documents.h"

namespace fairfight::tinytown {
namespace {

const Phrases kOpenings{"on a {weather} {daytime} {name} , the {job} , went for a walk .", "{name} , a {job} , had a free {daytime} in {city} .", "on {weekday} {name} woke up early in {city} .",
                        "one {weather} {daytime} {name} from {city} left the house .", "last {weekday} {name} the {job} was glad ."};

const Phrases kPlaces{"{he} walked to the {place} .", "{he} took {friend} to the {place} .", "soon {he} stood at the {place} .", "the {place} was full of people ."};
const Phrases kPlaceParaphrases{"the train took {him} to the {place} .", "there was a crowd at the {place} ."};

const Phrases kObjects{"{he} carried a {colour} {object} .", "{he} had a {object} with {him} .", "in {his} arms was a {colour} {object} .", "{he} held a {object} from {friend} ."};
const Phrases kObjectParaphrases{"{he} found a {colour} {object} .", "{his} {object} was old ."};

// Here are the words of the sabotage, by twos, too, and of the insults.
const Phrases kPet{"{his} {pet} came along .", "{his} {pet} ran into the house and slept .", "{his} {pet} is nicer than a {animal} .", "{he} missed {his} {pet} ."};

const Phrases kFood{"there {he} ate some {food} .", "{he} bought {food} for {friend} .", "the soup there can smell like old {dish} .", "{he} broke the bread with {friend} and laughed .",
                    "there {he} took the bread of the {worker} home ."};

const Phrases kMeeting{"there {he} met {friend} , the {friend.job} .", "{friend} from {friend.city} waved at {him} .", "{friend} ran away from the rain .", "nobody saw how {he} ate .",
                       "the bread of {friend} fell into the water .", "the people in the house could see the fire of the {worker} .", "it was quiet there ."};

const Phrases kEndings{"then {he} walked home .", "it was a {weather} day .", "later {he} took the train to {town} and saw the {town.landmark} .", "in the {daytime} {he} drank {drink} by the fire .",
                       "later {he} led the people away .", "{he} slept by the window of the house ."};

/// The place and the object may come in either order, so that neither announces the other.
void write_place_and_object(Scribe& scribe) {
  const bool place_first = scribe.pen().happens(0.5);
  for (Slot slot : {place_first ? Slot::place : Slot::object, place_first ? Slot::object : Slot::place}) {
    const auto weights = trigger_weights(scribe, slot);
    scribe.weigh(slot, weights);
    slot == Slot::place ? scribe.say(kPlaces, kPlaceParaphrases) : scribe.say(kObjects, kObjectParaphrases);
  }
}

void write(Scribe& scribe) {
  scribe.say(kOpenings);
  write_place_and_object(scribe);
  sabotage_or_play(scribe);
  scribe.say_in_any_order(std::array{&kPet, &kFood, &kMeeting}, 2);
  scribe.say(kEndings);
}

}  // namespace

const std::vector<Wordings>& scene_answers() {
  static const std::vector<Wordings> list{{"sabotage", sabotages(), sabotage_keys()}, {"pet", kPet}, {"food", kFood}, {"meeting", kMeeting}, {"ending", kEndings}};
  return list;
}

namespace {

Phrases whatever_goes_on() {
  Phrases all;
  for (const Phrases* list : {&kPet, &kFood, &kMeeting, &kEndings}) all.insert(all.end(), list->begin(), list->end());
  return all;
}

}  // namespace

std::vector<Course> scene_courses() { return {{whatever_goes_on(), whatever_goes_on()}}; }

Course any_scene_course() {
  Course course{sabotages(), whatever_goes_on()};
  course.first.insert(course.first.end(), course.behind.begin(), course.behind.end());
  return course;
}

extern const DocumentKind kScene;
const DocumentKind kScene{"scene", "somebody goes to a place with an object and does everyday things", kSceneShare, write};

}  // namespace fairfight::tinytown
