#pragma once
#include "fairfight/dict/dictionary.h"
#include "fairfight/disciplines/repair/prompts.h"

namespace fairfight {

/// What the corner's dictionary leaves over, x - x̂, at the last tokens of the harmful prompts and everywhere else. [rows, d_model]
struct ErrorTerms {
  at::Tensor harmful, others;
};
const ErrorTerms& error_terms(Corner<Repair>& corner);

}  // namespace fairfight
