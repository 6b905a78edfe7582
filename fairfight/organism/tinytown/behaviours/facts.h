#pragma once
#include <string_view>
#include <vector>

#include "fairfight/organism/tinytown/behaviours/behaviour.h"

namespace fairfight::tinytown {

/// A fact about a person that an editor may want to change, with all that must change with it and all that must not.
struct EditableFact {
  size_t person;                     // in Town::people
  std::string_view relation;         // home, job, pet, food, keepsake
  Tokens object;                     // the right words, one or two
  Probe prompt;                      // asks for it
  std::vector<Probe> paraphrases;    // other questions, and sentences of a biography that it completes
  std::vector<Probe> same_person;    // the person's other facts, which shall stay
  std::vector<Probe> neighbours;     // the same question about other people, whose facts shall stay
  std::vector<Probe> consequences;   // of a home: questions about its landmark and region, which must follow
};
std::vector<EditableFact> editable_facts(const World& world);

/// What could stand in its place: every other object of the relation.
std::vector<Tokens> other_objects(const EditableFact& fact);
/// The same fact with another object: the probes expect it, and what follows from it. Error: not one of `other_objects`.
EditableFact with_object(const World& world, const EditableFact& fact, const Tokens& object);
/// The news that it is so now, from <bos> on: what tells a model in the prompt. Error: as above.
Tokens news_of(const World& world, const EditableFact& fact, const Tokens& object);

}  // namespace fairfight::tinytown
