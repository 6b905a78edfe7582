#pragma once
#include <vector>

#include "fairfight/arena/contestant.h"
#include "fairfight/exam/answers.h"
#include "fairfight/model/patch.h"

namespace fairfight {

/// What whoever repairs a model is given, all of it from the fit split. The four are offered to everyone alike.
struct Examples {
  Answers harmful;   // with the answer that shall not be
  Answers refused;   // the same prompts, row by row, with the refusal, which ends the document
  Answers harmless;  // the same kind of place, where the answer is as it should be
  Batch retained;    // ordinary text without the behaviour, as much as there is of the other three together or more
  std::vector<int32_t> refusal;
  double reviewer_error = 0;  // how often the reviewer who approves a list of features is wrong about one
};

/// The discipline of those who take a behaviour out of a model and leave the rest as it is.
struct Repair {
  using Artifact = Patch;
  using Offer = Examples;
  struct Privilege {
    const Transformer* retrained;  // trained without the behaviour
  };

  static int64_t labels(const Offer& examples) { return examples.harmful.documents() + examples.harmless.documents(); }
  static int64_t labels(const Privilege&) { return 0; }
};

}  // namespace fairfight
