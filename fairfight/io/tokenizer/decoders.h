#pragma once
#include <functional>
#include <string>
#include <vector>

#include "fairfight/base/json.h"

namespace fairfight {

/// Changes the pieces of a decoded text; joined, they are the text.
using Decoder = std::function<void(std::vector<std::string>&)>;

/// Reads one of: Sequence, ByteLevel, ByteFallback, Fuse, Strip, Replace, Metaspace.
Decoder read_decoder(const Json& json, const std::string& where);

}  // namespace fairfight
