#pragma once
#include <map>
#include <string>
#include <vector>

#include "fairfight/arena/examples.h"
#include "fairfight/fights/repair_text.h"
#include "fairfight/model/patch.h"

namespace fairfight {

/// Who works against a repair, knowing it: the findings that arena/repair.h's `attacks()` names.
class RepairAttacks {
 public:
  /// Models and text outlive it. `text` is the opened test's. Without an oracle nothing is left where the behaviour never shows.
  RepairAttacks(const Transformer& original, const Transformer* oracle, const RepairText& text, const Examples& examples);

  std::map<std::string, double> against(const Patch& patch) const;
  std::vector<at::Tensor> tokens() const;  // what a patched model is called with: Transformer::remember

 private:
  double removed(const Questionnaire& asked, const std::string& group, const Patch& patch) const;  // u on the prompts of a group
  double paraphrased(const Patch& patch) const;
  double probe(const Patch& patch) const;
  std::map<std::string, double> relearned(const Patch& patch) const;
  std::map<size_t, double> relearn(const Patch& patch, double rate, size_t documents) const;
  Answering answering(const Patch& patch) const;
  /// Example documents cut before their answers begin, and where that is.
  struct Beginnings {
    at::Tensor tokens, last;  // [docs, pos], [docs]
  };
  static std::vector<Beginnings> beginnings(const Answers& answers);

  const Transformer& original_;
  const RepairText& text_;
  std::vector<Beginnings> harmful_, harmless_;
  Questionnaire paraphrases_, few_;                              // few: some of the test's own prompts
  std::map<std::string, std::pair<double, double>> ends_;       // of a group: mean P of the untouched model and of the oracle
};

}  // namespace fairfight
