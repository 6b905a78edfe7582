#include "fairfight/model/batch.h"

#include <fmt/format.h>

#include <algorithm>

#include "fairfight/base/error.h"
#include "fairfight/base/hash.h"
#include "fairfight/model/torch.h"

namespace fairfight {

int64_t Batch::count() const { return valid.sum().item<int64_t>() + documents(); }

std::string key_of(const at::Tensor& tokens) {
  const auto ids = tokens.contiguous();
  return fmt::format("{}x{} {:016x}", ids.size(0), ids.size(1), hash64(ids.data_ptr(), ids.nbytes()));
}

Batch pad(const std::vector<std::vector<int32_t>>& documents) {
  if (documents.empty()) fail("[pad] got no documents");
  size_t longest = 0;
  for (const auto& d : documents) longest = std::max(longest, d.size());
  const int64_t rows = int64_t(documents.size()), columns = int64_t(longest);
  Batch batch{at::full({rows, columns}, kPadding, at::kLong), at::zeros({rows, columns}, at::kBool)};
  auto tokens = batch.tokens.accessor<int64_t, 2>();
  auto valid = batch.valid.accessor<bool, 2>();
  for (int64_t r = 0; r < rows; ++r)
    for (size_t p = 0; p < documents[size_t(r)].size(); ++p) {
      tokens[r][int64_t(p)] = documents[size_t(r)][p];
      valid[r][int64_t(p)] = p > 0;
    }
  return batch;
}

at::Tensor lengths_of(const at::Tensor& tokens) {
  const auto real = tokens != kPadding;
  const auto lengths = real.sum(1);
  if (!real.equal(at::arange(tokens.size(1)) < lengths.unsqueeze(1))) fail("[batch] got padding in front of a token, expected it after each text's end only");
  return lengths;
}

at::Tensor cut(const at::Tensor& tokens, const at::Tensor& lengths) {
  const int64_t longest = lengths.max().item<int64_t>();
  return tokens.slice(1, 0, longest).masked_fill(at::arange(longest) >= lengths.unsqueeze(1), kPadding);
}

at::Tensor next_tokens(const at::Tensor& tokens) { return at::constant_pad_nd(tokens.slice(1, 1), {0, 1}, -1); }

at::Tensor token_log_probabilities(const ReadOut& said, const at::Tensor& tokens) {
  return at::constant_pad_nd(said.log_probabilities(next_tokens(tokens)), {1, -1});
}

}  // namespace fairfight
