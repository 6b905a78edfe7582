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

  /// What a model's surprise at each text comes to, in the same order for every model.
  struct Read {
    std::vector<double> nats, tokens;
    double cross_entropy() const;  // nats a token
  };
  Read read(const Answering& model) const;
  std::vector<at::Tensor> tokens() const;

 private:
  struct Slice {
    at::Tensor tokens, counted;  // [docs, pos]
  };
  std::vector<Slice> slices_;
};

}  // namespace fairfight
