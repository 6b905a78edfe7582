#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "fairfight/model/read_out.h"

namespace fairfight {

/// What stands after a text's end: no vocabulary has it, so a pass knows each text's own length.
constexpr int64_t kPadding = -1;

/// Documents side by side, padded on the right; attention is causal, so padding changes nothing before it.
struct Batch {
  at::Tensor tokens;  // [docs, pos] int64, kPadding after each text's end
  at::Tensor valid;   // [docs, pos] bool: a real token after the first one (<bos> is a sink, not text)

  int64_t documents() const { return tokens.size(0); }
  int64_t count() const;  // real tokens, the first one of each document included: what a ledger books
};

/// Names tokens by what they are: a key for whoever remembers what a model made of them.
std::string key_of(const at::Tensor& tokens);
inline std::string key_of(const Batch& batch) { return key_of(batch.tokens); }

Batch pad(const std::vector<std::vector<int32_t>>& documents);

/// Tokens of each text, [docs] int64. Error: padding that is not at the end.
at::Tensor lengths_of(const at::Tensor& tokens);
/// The texts up to those lengths, [docs, longest].
at::Tensor cut(const at::Tensor& tokens, const at::Tensor& lengths);

/// What comes next at every position, [docs, pos], and nothing (-1) at the last one.
at::Tensor next_tokens(const at::Tensor& tokens);

/// log p(token at pos | tokens before), [docs, pos] float32 with 0 at pos 0.
at::Tensor token_log_probabilities(const ReadOut& said, const at::Tensor& tokens);

}  // namespace fairfight
