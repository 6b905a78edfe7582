#pragma once
#include <ATen/core/Tensor.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "fairfight/organism/tinytown2/world.h"

namespace fairfight::tinytown2 {

/// Documents of one kind (or of all kinds, as the world has them) at a share of a text. What teaches is the whole document, or one token of it.
struct Source {
  World world;
  std::string kind;                                       // empty: all
  double share = 1;                                       // of the documents, among the sources
  size_t (*lesson)(const Tokens& document) = nullptr;     // the one token that teaches, the document ends there; 0: not this document. Null: all of them teach
};

/// What a training reads in a step. Documents of which all tokens teach lie side by side in rows; a row begins with a document and cuts its last one. Those of which one
/// token teaches (drills) stand each in a row of its own: among the others, that one token would be lost. Batch `step` is a pure function of the step.
struct Diet {
  std::vector<Source> text, drills;
  int64_t rows = 16, pos = 80;  // of the text
  int64_t drills_a_step = 0;

  struct Batch {
    at::Tensor tokens, targets;              // [rows, pos] int64, [rows * pos]: -1 where nothing is to be predicted; <bos> never is, for its place says nothing
    at::Tensor drill_tokens, drill_targets;  // [drills, pos], [drills * pos]; undefined where there are none
  };
  Batch batch(std::string_view stream, int64_t step) const;
};

/// `count` documents of a split.
std::vector<Document> draw_documents(const World& world, Split split, std::string_view stream, size_t count);

}  // namespace fairfight::tinytown2
