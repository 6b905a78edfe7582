#pragma once
#include <ATen/core/Tensor.h>

#include <vector>

#include "fairfight/disciplines/repair/discipline.h"

namespace fairfight {

/// What the repairs that look at activations share. All passes are booked.

/// The output of the block at a share of the depth: 1 is the last one.
Site block_at(const Config& config, double depth);

/// The documents up to their answer starts, and no further.
Batch prompts_of(const Answers& answers);

/// Activations at the `from_end`-th token before the one in front of each answer; 0: that one. [docs, width] float32.
at::Tensor last_prompt_tokens(Corner<Repair>& corner, const Answers& answers, const Site& site, int64_t from_end = 0);

/// Activations after which text goes on that shall stay as it is: everything in the examples but the harmful answers and the
/// places in front of them. [rows, width] float32: of the refused documents, the harmless ones, the retained text.
struct OtherRows {
  at::Tensor refused, harmless, retained;
  at::Tensor all() const;
};
OtherRows other_rows(Corner<Repair>& corner, const Site& site);

/// Every token that begins one of the answers, ascending.
std::vector<int32_t> first_words(const Answers& answers);

}  // namespace fairfight
