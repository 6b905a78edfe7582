#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace fairfight {

/// Documents side by side, padded on the right; attention is causal, so padding changes nothing before it.
struct Batch {
  at::Tensor tokens;  // [docs, pos] int64
  at::Tensor valid;   // [docs, pos] bool: a real token behind the first one (<bos> is a sink, not text)

  int64_t documents() const { return tokens.size(0); }
  int64_t count() const;  // real tokens, the first one of each document included: what a ledger books
};

Batch pad(const std::vector<std::vector<int32_t>>& documents, int32_t padding);

/// log p(token at pos | tokens before), [docs, pos] float32 with 0 at pos 0, from logits [docs, pos, vocab]; no gradient.
at::Tensor token_log_probabilities(const at::Tensor& logits, const at::Tensor& tokens);

}  // namespace fairfight
