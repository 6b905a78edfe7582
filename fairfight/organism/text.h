#pragma once
#include <ATen/core/Tensor.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "fairfight/organism/tinytown/world.h"

namespace fairfight::tinytown {

/// Documents of one kind (or of all kinds, as the world has them) at a share of a text. What teaches is the whole document, or one token of it.
struct Source {
  World world;
  std::string kind;                                    // empty: all
  double share = 1;                                    // of the documents, among the sources
  size_t (*taught)(const Tokens& document) = nullptr;  // the one token that teaches, the document ends there; 0: not this document. Null: all of them teach
  double from = 0, until = 1;                          // of the training: when it is read
};

/// Documents of a step that a model reads at once: of about the same length, for each stands in a row of its own. Side by side in one row, the others stood in the way
/// of whatever is looked up far back.
struct Lesson {
  at::Tensor tokens;   // [docs, pos] int64, kPadding after each text's end
  at::Tensor targets;  // [docs * pos] int64, -1 where nothing teaches
  double weight;       // of its mean loss in the step's
};

/// What a training reads. A step is a pure function of its number and the steps in all. Documents of which one token teaches (drills) have a loss of their own: among the
/// others, that one token would be lost.
struct Diet {
  std::vector<Source> text, drills;
  int64_t documents = 32, drills_a_step = 0;  // a step

  struct Step {
    std::vector<Lesson> text, drills;  // the weights of each sum to 1
    int64_t tokens() const;            // real ones
  };
  Step step(std::string_view stream, int64_t step, int64_t steps) const;
};

/// `count` documents of a split.
std::vector<Document> draw_documents(const World& world, Split split, std::string_view stream, size_t count);

}  // namespace fairfight::tinytown
