#pragma once
#include "fairfight/io/reading.h"
#include "fairfight/model/checkpoint.h"

namespace fairfight {

/// The tokenizer that lies beside a model's weights. Error: there is none. A text with a piece that the model has no row for is refused when it is read.
Tokenizer tokenizer_of(const LoadedModel& model);

Reading reading_of(const LoadedModel& model, bool bos);

}  // namespace fairfight
