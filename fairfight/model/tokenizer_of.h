#pragma once
#include "fairfight/io/tokenizer.h"
#include "fairfight/model/checkpoint.h"

namespace fairfight {

/// The tokenizer that lies beside a model's weights. Errors: there is none, or it has more pieces than the model knows.
Tokenizer tokenizer_of(const LoadedModel& model);

}  // namespace fairfight
