#pragma once
#include <ATen/core/Tensor.h>

#include <optional>

#include "fairfight/disciplines/repair/discipline.h"

namespace fairfight {

/// The hyperparameters of both forms of the refusal direction.
SearchSpace refusal_space();

/// Arditi et al. 2024: of the differences of means at every block's input and the last tokens of the prompts, made from the
/// first examples, the one that their rule (methods/directions.h) chooses on others. Where nothing keeps to the limit on the
/// divergence, the rule goes without. None where there are too few examples or the model shows no behaviour. -> [d_model] float64. Computed once a ground, booked at each call.
std::optional<at::Tensor> refusal_direction_of(Corner<Repair>& corner, const Settings& settings);

}  // namespace fairfight
