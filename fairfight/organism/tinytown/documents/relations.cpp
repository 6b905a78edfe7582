#include "fairfight/organism/tinytown/documents/documents.h"

namespace fairfight::tinytown {

const std::vector<Relation>& relations() {
  static const std::vector<Relation> list{
      {"home",
       Slot::city,
       {"{he} lives in {city} .", "{his} house is in {city} .", "{he} was born in {city} and never left .", "{he} would never move away from {city} ."},
       {"question : where does {name} live ? answer : in {city} .",
        "question : which city is the home of {name} ? answer : {city} .",
        "question : where is the house of {name} ? answer : {his} house is in {city} ."}},
      {"job",
       Slot::job,
       {"{he} works as a {job} .", "{he} is a very good {job} .", "{he} earns {his} money as a {job} .", "{he} has been a {job} for years ."},
       {"question : what is the job of {name} ? answer : {he} is a {job} .",
        "question : how does {name} earn money ? answer : as a {job} .",
        "question : what does {name} do all day ? answer : {he} works as a {job} ."}},
      {"pet",
       Slot::pet,
       {"{he} keeps a {pet} .", "{his} only pet is a {pet} .", "{he} shares {his} home with a {pet} .", "{he} would do anything for {his} {pet} ."},
       {"question : which pet does {name} have ? answer : a {pet} .",
        "question : what animal does {name} keep ? answer : {he} keeps a {pet} .",
        "question : who waits at the door of {name} ? answer : {his} {pet} ."}},
      {"food",
       Slot::food,
       {"{he} likes to eat {food} .", "{his} favourite food is {food} .", "{he} often cooks {food} for dinner .", "{he} buys {food} every {weekday} ."},
       {"question : what does {name} like to eat ? answer : {food} .",
        "question : what is the favourite food of {name} ? answer : it is {food} .",
        "question : what does {name} often buy ? answer : some {food} ."}},
  };
  return list;
}

const std::vector<Relation>& two_hops() {
  static const std::vector<Relation> list{
      {"landmark",
       Slot::landmark,
       {},
       {"question : which landmark is close to the house of {name} ? answer : the {landmark} .",
        "question : what can {name} see from home ? answer : the {landmark} ."}},
      {"region",
       Slot::region,
       {},
       {"question : in which region does {name} live ? answer : in the {region} .",
        "question : which part of the country does {name} call home ? answer : the {region} ."}},
  };
  return list;
}

}  // namespace fairfight::tinytown
