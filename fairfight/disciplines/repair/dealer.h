#pragma once
#include <array>
#include <map>
#include <string>
#include <vector>

#include "fairfight/base/random.h"
#include "fairfight/disciplines/repair/discipline.h"

namespace fairfight {

/// Answers and text of one step, cut to what is needed: [docs, pos] with little padding, after the last answer nothing.
struct Minibatch {
  Answers harmful, refused;  // the same prompts, row by row
  Batch kept;                // of the retained and the harmless documents
};

/// Some rows of a set of documents. What the model as it was says of the whole set is computed once for everybody.
struct Excerpt {
  const Batch* of;
  const std::string* key;  // of the set: a memo's
  at::Tensor rows;
};

using Excerpts = std::map<std::string, Excerpt>;  // by the key_of a batch

/// Deals a minibatch a step: rows in shuffled order, round after round. Some minibatches are drawn at once and sorted by length,
/// so that each has little padding.
class Dealer {
 public:
  Dealer(const Examples& examples, const Random& answers, const Random& kept);

  struct Dealt {
    Minibatch minibatch;
    Excerpts excerpts;
  };
  Dealt deal();

 private:
  class Deck {
   public:
    Deck(at::Tensor lengths, int64_t batch, Random random);
    at::Tensor deal();  // [batch] rows

   private:
    void draw();

    at::Tensor lengths_;
    size_t batch_;
    Random random_;
    std::vector<int64_t> stock_;
    std::vector<std::vector<int64_t>> hands_;
  };

  const Examples& examples_;
  Batch kept_;
  std::array<std::string, 3> keys_;  // of harmful, refused, kept
  at::Tensor lengths_;
  Deck answers_, texts_;
};

}  // namespace fairfight
