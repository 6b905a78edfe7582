#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace fairfight {

using Tokens = std::vector<int32_t>;  // ids of one text

/// A document with an answer in it: tokens [answer start, end) answer what stands before.
struct Passage {
  Tokens tokens;
  size_t answer_start = 0, end = 0;
  Tokens prompt() const { return {tokens.begin(), tokens.begin() + int64_t(answer_start)}; }
};

}  // namespace fairfight
