#pragma once
#include <ATen/core/Tensor.h>

#include "fairfight/arena/contestant.h"
#include "fairfight/arena/metered.h"
#include "fairfight/model/batch.h"

namespace fairfight {

/// What a contestant of the discipline *detector* hands in: one number a document, higher is more anomalous.
class Detector {
 public:
  virtual ~Detector() = default;
  virtual at::Tensor score(const MeteredModel& model, const Batch& batch) const = 0;  // [docs] float64
};

}  // namespace fairfight
