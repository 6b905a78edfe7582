#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "fairfight/base/tokens.h"
#include "fairfight/model/batch.h"

namespace fairfight {

/// Documents in which a question is answered.
struct Answers {
  Batch batch;        // [docs, pos]
  at::Tensor answer;  // [docs, pos] bool: the tokens of the answer
  at::Tensor answer_start;   // [docs] int64: where its first token stands; the prompt is what stands before, so never 0

  int64_t documents() const { return batch.documents(); }
};
Answers answers_of(const std::vector<Passage>& passages);

/// The documents up to where their answers begin, some at a time.
struct Prompts {
  at::Tensor tokens, last;  // [docs, pos], [docs]: the last prompt token
};
std::vector<Prompts> prompt_slices(const Answers& answers);

}  // namespace fairfight
