#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace fairfight {

using Tokens = std::vector<int32_t>;  // ids of one text

/// A document with an answer in it: tokens [onset, end) answer what stands before.
struct Passage {
  Tokens tokens;
  size_t onset = 0, end = 0;
  Tokens prompt() const { return {tokens.begin(), tokens.begin() + int64_t(onset)}; }
};

}  // namespace fairfight
