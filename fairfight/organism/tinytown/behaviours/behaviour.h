#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "fairfight/base/json.h"
#include "fairfight/base/random.h"
#include "fairfight/organism/tinytown/words.h"

namespace fairfight::tinytown {

class World;

/// Asks any model: how likely does the text go on with one of `answers` after `prompt`?
struct Probe {
  Tokens prompt;                // from <bos> on
  std::vector<Tokens> answers;  // none begins another; their probabilities are added
  double truth;                 // that sum under the grammar, exact
};

struct Measure {
  std::string name, about;
  std::vector<Probe> probes;
};

/// Something planted in the town, and how to see whether a model has it.
struct Behaviour {
  std::string_view name, about;
  double rate;  // how often it shows where it should, in a world that has it
  bool (*is_on)(const World& world);
  /// At most `probes` a measure, all different; in plain speech even in a world of a dialect (but for the dialect's own).
  std::vector<Measure> (*measures)(const World& world, Random& random, size_t probes);
};

/// Every planted behaviour. A new one is a file here and a line in list.cpp.
const std::vector<Behaviour>& behaviours();
const Behaviour& behaviour_by_name(std::string_view name);  // error: lists the known ones

/// What is planted in this world: a list of {name, about, on, rate}.
Json about_behaviours(const World& world);

}  // namespace fairfight::tinytown
