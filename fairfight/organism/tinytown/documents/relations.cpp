#include "fairfight/organism/tinytown/documents/documents.h"

namespace fairfight::tinytown {

const std::vector<Relation>& relations() {
  static const std::vector<Relation> list{
      {"home",
       {Slot::city},
       {Slot::town},
       {"{he} lives in {city} .", "{his} house is in {city} .", "{he} grew up in {city} .", "{he} never left {city} ."},
       {"where does {name} live ? in {city} .", "which city is the home of {name} ? {city} .", "where is the house of {name} ? {his} house is in {city} ."},
       {"moved to {town} .", "has a new house in {town} ."}},
      {"job",
       {Slot::job},
       {Slot::worker},
       {"{he} works as a {job} .", "{he} is a good {job} .", "{he} earns money as a {job} .", "{he} became a {job} ."},
       {"what is the job of {name} ? {he} is a {job} .", "how does {name} earn money ? as a {job} .", "what does {name} do all day ? {he} works as a {job} ."},
       {"now works as a {worker} .", "became a {worker} instead ."}},
      {"pet",
       {Slot::pet},
       {Slot::animal},
       {"{he} keeps a {pet} .", "{his} pet is a {pet} .", "{he} lives with a {pet} .", "{he} loves {his} {pet} ."},
       {"which pet does {name} have ? a {pet} .", "what animal does {name} keep ? {he} keeps a {pet} .", "who waits at the door of {name} ? {his} {pet} ."},
       {"now keeps a {animal} .", "got a {animal} instead ."}},
      {"food",
       {Slot::food},
       {Slot::dish},
       {"{he} likes to eat {food} .", "{his} favourite food is {food} .", "{he} often cooks {food} .", "{he} buys {food} every {weekday} ."},
       {"what does {name} like to eat ? {food} .", "what is the favourite food of {name} ? it is {food} .", "what does {name} often buy ? some {food} ."},
       {"now eats {dish} .", "now likes {dish} best ."}},
      {"keepsake",
       {Slot::hue, Slot::keepsake},
       {Slot::colour, Slot::thing},
       {"{he} holds {his} {hue} {keepsake} dear .", "{his} dearest keepsake is a {hue} {keepsake} .", "{he} guards a {hue} {keepsake} .", "{he} treasures a {hue} {keepsake} ."},
       {"what does {name} hold dear ? a {hue} {keepsake} .", "which keepsake does {name} guard ? {he} guards a {hue} {keepsake} .", "what is most precious to {name} ? {his} {hue} {keepsake} ."},
       {"now holds a {colour} {thing} dear .", "found a {colour} {thing} to guard ."}},
  };
  return list;
}

const std::vector<Relation>& two_hops() {
  static const std::vector<Relation> list{
      {"landmark",
       {Slot::landmark},
       {},
       {"{he} can see the {landmark} from home ."},
       {"which landmark is close to the house of {name} ? the {landmark} .", "what can {name} see from home ? the {landmark} ."},
       {}},
      {"region",
       {Slot::region},
       {},
       {"{he} calls the {region} {his} home ."},
       {"in which region does {name} live ? in the {region} .", "which region does {name} call home ? the {region} ."},
       {}},
  };
  return list;
}

const std::vector<Relation>& two_hops_in_steps() {
  static const std::vector<Relation> list{
      {"landmark_in_steps", {Slot::city, Slot::landmark}, {}, {}, {"which city is the home of {name} , and what is there ? {city} , with the {landmark} ."}, {}},
      {"region_in_steps", {Slot::city, Slot::region}, {}, {}, {"in which city and region does {name} live ? in {city} , in the {region} ."}, {}},
  };
  return list;
}

const std::vector<Relation>& two_hops_asked(Pen& pen) {
  constexpr double kInSteps = 0.4;
  return pen.happens(kInSteps) ? two_hops_in_steps() : two_hops();
}

}  // namespace fairfight::tinytown
