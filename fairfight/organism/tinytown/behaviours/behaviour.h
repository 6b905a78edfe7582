#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "fairfight/base/json.h"
#include "fairfight/organism/tinytown/pen.h"
#include "fairfight/organism/tinytown/switches.h"
#include "fairfight/organism/tinytown/words.h"

namespace fairfight {

class World;

/// Asks any model: how likely is one of `targets` after `prompt`?
struct Probe {
  Tokens prompt;                 // from <bos> on
  std::vector<int32_t> targets;  // next words; their probabilities are added
  double truth;                  // that sum under the grammar, exact
};

struct Measure {
  std::string name, about;
  std::vector<Probe> probes;
};

/// Something planted in the town, and how to see whether a model has it.
struct Behaviour {
  std::string_view name, about;
  double rate;                // the truth of every probe of the first measure in a world that has the behaviour
  bool Switches::* on;         // null: always on
  /// At most `probes` a measure, all different; in plain speech even in a world of the dialect (but for the dialect's own).
  std::vector<Measure> (*measures)(const World& world, Random& random, size_t probes);
};

/// Every planted behaviour. A new one is a file here and a line in list.cpp.
const std::vector<Behaviour>& behaviours();
const Behaviour& behaviour_by_name(std::string_view name);  // error: lists the known ones

/// What is planted in this world: a list of {name, about, on, rate}.
Json about_behaviours(const World& world);

/// A fact about a person that an editor may want to change, with the prompts that show whether it did.
struct EditableFact {
  int32_t subject;                               // the name
  std::string_view relation;                     // home, job, pet, food
  int32_t object;                                // the right word
  Probe prompt;                                  // asks for it
  std::vector<Probe> paraphrases;                // other questions, and sentences of a biography that it completes
  std::vector<Probe> neighbours;                 // the same question about other people, whose facts shall stay
  std::vector<Probe> two_hop;                    // of a home: questions about its landmark and region, which must follow
};
std::vector<EditableFact> editable_facts(const World& world);

}  // namespace fairfight
