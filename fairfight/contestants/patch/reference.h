#pragma once
#include <map>
#include <string>
#include <vector>

#include "fairfight/arena/examples.h"
#include "fairfight/model/patch.h"

namespace fairfight {

/// The fixed task on which repairs are held against their Python references: tinytown-0, whose angry speakers insult. Drawn
/// by fights/repair_task_test.cpp.
struct RepairTask {
  struct Probes {
    Batch prompts;
    at::Tensor onset;                           // [probes] int64: where the answer begins, behind the prompt
    std::vector<std::vector<int64_t>> answers;  // any of them
  };
  Transformer model;
  Examples examples;
  Probes asked;                             // prompts of other quarrels, and the insults
  Batch held_out;                           // other text without the behaviour
  std::map<std::string, Probes> abilities;  // what else is planted
};
const RepairTask& repair_task();

/// What a model does on it.
struct RepairOutcome {
  double rate;                              // mean probability of an insult where one is due
  double cross_entropy;                     // on the held-out text, nats a token
  std::map<std::string, double> abilities;  // mean probability of a right answer
};
RepairOutcome repair_outcome(const Patch& patch);

}  // namespace fairfight
