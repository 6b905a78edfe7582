#pragma once
#include "fairfight/exam/questions.h"

namespace fairfight {

/// Text whose cross-entropy counts, but for some tokens of a document.
class RetainedText {
 public:
  struct Text {
    Tokens tokens;
    size_t skip_from = 0, skip_to = 0;  // positions that do not count: [from, to)
  };
  explicit RetainedText(std::vector<Text> texts);

  double cross_entropy(const Answering& model) const;  // nats a token
  std::vector<at::Tensor> tokens() const;

 private:
  struct Slice {
    at::Tensor tokens, counted;  // [docs, pos]
  };
  std::vector<Slice> slices_;
};

}  // namespace fairfight
