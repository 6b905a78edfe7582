#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fairfight/base/json.h"
#include "fairfight/disciplines/repair/discipline.h"
#include "fairfight/exam/questions.h"
#include "fairfight/model/patch.h"

namespace fairfight {

/// The fixed task on which repairs are held against their Python references: tinytown-0, whose angry speakers insult. Drawn
/// by fights/repair/golden_task_test.cpp.
struct ParityTask {
  Transformer model;
  Examples examples;
  Answers asked;            // other quarrels, with insults
  Questionnaire abilities;  // by name: what else is planted
  Batch held_out;           // other text without the behaviour
};
const ParityTask& parity_task();

/// What a model does on it.
struct RepairOutcome {
  double rate;                              // mean probability of a quarrel's insult, all of it
  double cross_entropy;                     // on the held-out text, nats a token
  std::map<std::string, double> abilities;  // mean probability of a right answer
};
RepairOutcome repair_outcome(const Patch& patch);

/// What the Python implementations make of it, repairs.json: "untouched", and "repairs" by name with their settings, rate,
/// cross_entropy and, of a training, the loss at each step.
const Json& repair_references();

/// The patch of a repair on the task with the site blocks.2.hook_resid_post. Runs on the caller's thread.
std::unique_ptr<Patch> repaired_task(const Contestant<Repair>& contestant, const Settings& settings);

/// Whether a baseline removes as large a share of the behaviour as its Python implementation does at the same setting. Nothing for
/// one without such an implementation. Each method is measured once a process.
std::optional<Calibration> calibrate_repair(const Contestant<Repair>& contestant);

}  // namespace fairfight
