#pragma once
#include <ATen/core/Tensor.h>

#include <functional>
#include <optional>

#include "fairfight/dict/dictionary.h"
#include "fairfight/model/batch.h"
#include "fairfight/model/transformer.h"

namespace fairfight {

/// A differentiable number a document, of what the model says at [docs, pos] of the documents `rows` [docs] of the batch -> [docs].
using DocumentMetric = std::function<at::Tensor(const ReadOut& said, const at::Tensor& rows)>;

struct Attribution {
  at::Tensor effects;  // [width] float64: what the metric would gain if a feature went from its value to the other one
};

struct AttributionSettings {
  int64_t steps = 10;
  int64_t chunk = 32;              // documents that go through at once
  std::optional<Codes> towards{};  // f⁺ [docs * pos, any]; none: 0
};

/// Attribution patching of a dictionary's features (Marks et al. 2024, "Sparse Feature Circuits", section 3.1), with the
/// dictionary's error kept: x' = x + D (f' - f). The effect of feature j is mean_k ∂m/∂f_j at f + k/steps (f⁺ - f), times
/// f⁺_j - f_j; k = 0 .. steps - 1; summed over the valid positions, which alone are changed; mean over documents. One step is
/// plain attribution patching; with many the effects add up to m(f⁺) - m(f). Codes stay sparse.
/// Error: a site that is not as wide as the dictionary, no steps, f⁺ of other rows, a metric that is not a number a document.
Attribution attribute(const Transformer& model, const Dictionary& dictionary, const Site& site, const Batch& batch,
                      const DocumentMetric& metric, const AttributionSettings& settings = {});

}  // namespace fairfight
