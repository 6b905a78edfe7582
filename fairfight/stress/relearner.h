#pragma once
#include <memory>
#include <span>

#include "fairfight/base/tokens.h"
#include "fairfight/model/optimizer.h"
#include "fairfight/model/patch.h"

namespace fairfight {

/// An attacker who fine-tunes a changed model on harmful documents, a batch at a time, so that it does the harm again.
class Relearner {
 public:
  static constexpr size_t kBatch = 8;  // documents

  /// Hooks stay in place. The original outlives it; the patch's weights are not touched.
  Relearner(const Transformer& original, const Patch& patch, double learning_rate);

  /// False where the gradient is not finite: the attack comes no further.
  bool learn(std::span<const Passage> documents);

  const Patch& attacked() const { return attacked_; }  // as it stands

 private:
  const Transformer& original_;
  double learning_rate_;
  Weights weights_;
  Patch attacked_;
  AdamW optimizer_;
};

}  // namespace fairfight
