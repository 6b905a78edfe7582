#pragma once
#include "fairfight/io/tokenizer.h"
#include "fairfight/model/checkpoint.h"

namespace fairfight {

/// The tokenizer that lies beside a model's weights. Error: there is none. A text with a piece that the model has no row for is refused when it is read.
Tokenizer tokenizer_of(const LoadedModel& model);

}  // namespace fairfight
