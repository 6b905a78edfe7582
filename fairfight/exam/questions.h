#pragma once
#include <ATen/core/Tensor.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "fairfight/base/tokens.h"
#include "fairfight/model/read_out.h"
#include "fairfight/model/taps.h"

namespace fairfight {

/// A model or what a patch makes of it: what it says of [docs, pos], at one position where taps ask for one.
using Answering = std::function<ReadOut(const at::Tensor& tokens, const Taps& taps)>;

/// How likely is one of `targets` after `prompt`?
struct Question {
  Tokens prompt;
  std::vector<int32_t> targets;
  bool wrong = false;  // the targets are what shall not be said
};

/// Questions in groups, ready to be asked in few passes.
class Questionnaire {
 public:
  explicit Questionnaire(const std::map<std::string, std::vector<Question>>& groups);

  /// P(targets | prompt), or 1 - P where they are wrong, in the order of the questions.
  std::map<std::string, std::vector<double>> ask(const Answering& model) const;
  std::vector<at::Tensor> tokens() const;  // what a model is called with: Transformer::remember

 private:
  struct Slice {
    at::Tensor tokens, last;  // [docs, pos], [docs]
    at::Tensor targets;       // [docs, most] token ids, -1 where there are fewer
    std::vector<std::pair<const std::string*, size_t>> questions;
    std::vector<bool> wrong;
  };
  std::map<std::string, size_t> sizes_;
  std::vector<Slice> slices_;
};

}  // namespace fairfight
