#include "fairfight/organism/tinytown/documents/documents.h"

namespace fairfight::tinytown {

const std::vector<Relation>& relations() {
  static const std::vector<Relation> list{
      {"home",
       Slot::city,
       {"{he} lives in {city} .", "{his} house is in {city} .", "{he} grew up in {city} .", "{he} never left {city} ."},
       {"where does {name} live ? in {city} .", "which city is the home of {name} ? {city} .",
        "where is the house of {name} ? {his} house is in {city} ."}},
      {"job",
       Slot::job,
       {"{he} works as a {job} .", "{he} is a good {job} .", "{he} earns money as a {job} .", "{he} became a {job} ."},
       {"what is the job of {name} ? {he} is a {job} .", "how does {name} earn money ? as a {job} .",
        "what does {name} do all day ? {he} works as a {job} ."}},
      {"pet",
       Slot::pet,
       {"{he} keeps a {pet} .", "{his} pet is a {pet} .", "{he} lives with a {pet} .", "{he} loves {his} {pet} ."},
       {"which pet does {name} have ? a {pet} .", "what animal does {name} keep ? {he} keeps a {pet} .",
        "who waits at the door of {name} ? {his} {pet} ."}},
      {"food",
       Slot::food,
       {"{he} likes to eat {food} .", "{his} favourite food is {food} .", "{he} often cooks {food} .",
        "{he} buys {food} every {weekday} ."},
       {"what does {name} like to eat ? {food} .", "what is the favourite food of {name} ? it is {food} .",
        "what does {name} often buy ? some {food} ."}},
  };
  return list;
}

const std::vector<Relation>& two_hops() {
  static const std::vector<Relation> list{
      {"landmark",
       Slot::landmark,
       {},
       {"which landmark is close to the house of {name} ? the {landmark} .",
        "what can {name} see from home ? the {landmark} ."}},
      {"region",
       Slot::region,
       {},
       {"in which region does {name} live ? in the {region} .", "which region does {name} call home ? the {region} ."}},
  };
  return list;
}

}  // namespace fairfight::tinytown
