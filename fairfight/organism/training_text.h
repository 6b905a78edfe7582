#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

#include "fairfight/organism/tinytown/world.h"

namespace fairfight {

/// The endless training text of a world, in rows of documents side by side. Batch `step` is a pure function of the step.
/// A row begins with a document and cuts its last one; <bos> is never a target, for its place says nothing.
struct TrainingBatch {
  at::Tensor tokens;   // [rows, pos] int64
  at::Tensor targets;  // [rows * pos] int64, -1 where nothing is to be predicted
};
TrainingBatch training_batch(const World& world, std::string_view stream, int64_t step, int64_t rows, int64_t pos);

/// `count` documents of a split.
std::vector<Document> draw_documents(const World& world, Split split, std::string_view stream, size_t count);

}  // namespace fairfight
