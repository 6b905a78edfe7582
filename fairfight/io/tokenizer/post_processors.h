#pragma once
#include <cstdint>
#include <vector>

#include "fairfight/base/json.h"

namespace fairfight {

/// The special tokens that stand before and after a text.
struct Frame {
  std::vector<int32_t> before, behind;
};

/// Reads one of: TemplateProcessing, ByteLevel, Sequence, BertProcessing, RobertaProcessing. Ids are below `ids`.
Frame read_post_processor(const Json& json, size_t ids, const std::string& where);

}  // namespace fairfight
