#pragma once
#include <ATen/core/Tensor.h>

#include <map>
#include <string>

#include "fairfight/arena/contestant.h"
#include "fairfight/arena/shared_model.h"
#include "fairfight/model/batch.h"

namespace fairfight {

/// One number a document, higher is more anomalous.
class Detector {
 public:
  virtual ~Detector() = default;
  virtual at::Tensor score(const SharedModel& model, const Batch& batch) const = 0;  // [docs] float64
};

/// The discipline of those who tell anomalous text from normal text by a number. Everyone has the clean pool, and nothing else.
struct Detect {
  using Artifact = Detector;
  struct Offer {};
  /// Labelled examples by group ("clean", then the families), of the very families that are tested.
  using Privilege = std::map<std::string, Batch>;

  static int64_t labels(const Offer&) { return 0; }
  static int64_t labels(const Privilege& labelled) {
    int64_t documents = 0;
    for (const auto& [group, batch] : labelled) documents += batch.documents();
    return documents;
  }
};

}  // namespace fairfight
