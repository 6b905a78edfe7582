#include "fairfight/model/batch.h"

#include <algorithm>

#include "fairfight/base/error.h"
#include "fairfight/model/kernels.h"
#include "fairfight/model/torch.h"

namespace fairfight {

int64_t Batch::count() const { return valid.sum().item<int64_t>() + documents(); }

Batch pad(const std::vector<std::vector<int32_t>>& documents, int32_t padding) {
  if (documents.empty()) fail("[pad] got no documents");
  size_t longest = 0;
  for (const auto& d : documents) longest = std::max(longest, d.size());
  const int64_t rows = int64_t(documents.size()), columns = int64_t(longest);
  Batch batch{at::full({rows, columns}, padding, at::kLong), at::zeros({rows, columns}, at::kBool)};
  auto tokens = batch.tokens.accessor<int64_t, 2>();
  auto valid = batch.valid.accessor<bool, 2>();
  for (int64_t r = 0; r < rows; ++r)
    for (size_t p = 0; p < documents[size_t(r)].size(); ++p) {
      tokens[r][int64_t(p)] = documents[size_t(r)][p];
      valid[r][int64_t(p)] = p > 0;
    }
  return batch;
}

at::Tensor token_log_probabilities(const at::Tensor& logits, const at::Tensor& tokens) {
  const auto next = at::constant_pad_nd(tokens.slice(1, 1), {0, 1}, -1);
  return at::constant_pad_nd(target_log_probabilities(logits, next), {1, -1});
}

}  // namespace fairfight
