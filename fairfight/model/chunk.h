#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace fairfight {

/// The tokens that a pass reads: whole texts or, in generation with a cache, what follows the past of each.
struct Chunk {
  at::Tensor tokens;          // [batch, pos] int64, kPadding after a text's end
  std::vector<int64_t> rows;  // which of the texts that are generated each one is
  std::vector<int64_t> past;  // how many of its tokens earlier passes read

  static Chunk whole(const at::Tensor& tokens, int64_t first_row = 0);
  bool whole() const;            // nothing was read before
  at::Tensor positions() const;  // [batch, pos]: where each token stands in its text
  at::Tensor last() const;       // [batch, 1]: where each text's last token stands here
};

/// What a hook keeps of each text from one pass to the next: a row a text, zeros where the text begins.
class Carried {
 public:
  Carried(int64_t width, at::ScalarType type);

  at::Tensor into(const Chunk& chunk) const;                      // [batch, width]: as it was in front of the chunk
  void keep(const Chunk& chunk, const at::Tensor& at_positions);  // [batch, pos, width], of which the last token's is kept

 private:
  at::Tensor rows_;  // [texts so far, width]
};

}  // namespace fairfight
