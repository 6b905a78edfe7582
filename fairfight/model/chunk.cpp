#include "fairfight/model/chunk.h"

#include <algorithm>
#include <numeric>

#include "fairfight/model/batch.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {
at::Tensor column(const std::vector<int64_t>& values) { return at::tensor(values, at::kLong).unsqueeze(1); }
}  // namespace

Chunk Chunk::whole(const at::Tensor& tokens, int64_t first_row) {
  Chunk chunk{tokens, std::vector<int64_t>(size_t(tokens.size(0))), std::vector<int64_t>(size_t(tokens.size(0)), 0)};
  std::iota(chunk.rows.begin(), chunk.rows.end(), first_row);
  return chunk;
}

bool Chunk::whole() const {
  return std::all_of(past.begin(), past.end(), [](int64_t n) { return n == 0; });
}

at::Tensor Chunk::positions() const { return column(past) + at::arange(tokens.size(1), at::kLong); }

at::Tensor Chunk::last() const { return (lengths_of(tokens) - 1).unsqueeze(1); }

Carried::Carried(int64_t width, at::ScalarType type) : rows_(at::empty({0, width}, type)) {}

at::Tensor Carried::into(const Chunk& chunk) const {
  if (chunk.whole()) return at::zeros({chunk.tokens.size(0), rows_.size(1)}, rows_.options());
  return rows_.index_select(0, at::tensor(chunk.rows, at::kLong));
}

void Carried::keep(const Chunk& chunk, const at::Tensor& at_positions) {
  const int64_t texts = *std::max_element(chunk.rows.begin(), chunk.rows.end()) + 1, missing = texts - rows_.size(0);
  if (missing > 0) rows_ = at::constant_pad_nd(rows_, {0, 0, 0, missing});
  const auto last = chunk.last().unsqueeze(2).expand({-1, 1, rows_.size(1)});
  rows_.index_copy_(0, at::tensor(chunk.rows, at::kLong), at_positions.detach().gather(1, last).squeeze(1));
}

}  // namespace fairfight
