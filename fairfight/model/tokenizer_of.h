#pragma once
#include "fairfight/io/reading.h"
#include "fairfight/model/checkpoint.h"

namespace fairfight {

/// The tokenizer that lies beside a model's weights. Error: there is none. A text with a piece that the model has no row for is refused when it is read.
Tokenizer tokenizer_of(const LoadedModel& model);

/// How the model of this config reads texts: as its tokenizer does and, where `bos` is asked for, with exactly one <bos> first.
/// Error: it is asked for, and the config names none. `what` names the model.
Reading reading_of(Tokenizer tokenizer, const Config& config, bool bos, std::string_view what);
Reading reading_of(const LoadedModel& model, bool bos);

}  // namespace fairfight
