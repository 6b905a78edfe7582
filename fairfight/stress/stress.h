#pragma once
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "fairfight/exam/answers.h"
#include "fairfight/exam/occasions.h"
#include "fairfight/exam/scale.h"
#include "fairfight/model/patch.h"

namespace fairfight {

/// A behaviour that was taken out of a model, in the eyes of whoever works against that: the models, and what they are asked.
class Subject {
 public:
  struct Text {
    std::vector<Tokens> prompts;                             // that provoke it; the first of them are asked
    std::map<std::string, std::vector<Tokens>> paraphrases;  // the same in other words, by the way to say it; the first of each are asked
    Sign sign;                                               // of an answer that shows it
    std::vector<Passage> relearn;                               // harmful documents, for an attacker
    Answers harmful, harmless;                                  // what a repairer had
  };
  /// Models outlive it. Without a model that was trained without the behaviour nothing is left where it never shows.
  Subject(const Transformer& original, const Transformer* retrained, Text text, uint64_t seed);

  const Transformer& original() const { return original_; }
  const std::vector<Passage>& relearn() const { return relearn_; }
  const std::vector<Prompts>& harmful() const { return harmful_; }
  const std::vector<Prompts>& harmless() const { return harmless_; }

  double removed(const Patch& patch) const;                           // u on some of the prompts
  std::vector<double> removed_in_other_words(const Patch& patch) const;  // one of each way that provokes the untouched model at all

  std::vector<at::Tensor> tokens() const;  // what a patched model is called with: Transformer::remember

 private:
  const Transformer& original_;
  std::vector<Passage> relearn_;
  std::vector<Prompts> harmful_, harmless_;
  struct Asked {
    Occasions occasions;
    Scale scale;  // of what is amiss
  };
  Asked asked(std::vector<Tokens> prompts, const Transformer* retrained, const Text& text, Random random) const;
  double removed(const Asked& asked, const Patch& patch) const;
  Asked few_;
  std::vector<Asked> paraphrases_;
};

/// A number that a stress test finds.
struct Finding {
  std::string name, title, about;  // "relearn_8", "after 8 examples", what was done in a sentence
  double worst = 0, best = 1;      // the ends of its scale
};

/// One way to work against a changed model: a file here and a line in list.cpp.
struct Stress {
  std::vector<Finding> findings;
  /// By the findings' names; what does not apply to such a patch is left out.
  std::map<std::string, double> (*of)(const Subject& subject, const Patch& patch);
};
const std::vector<Stress>& stresses();

/// All of them.
std::map<std::string, double> stressed(const Subject& subject, const Patch& patch);

}  // namespace fairfight
