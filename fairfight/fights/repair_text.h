#pragma once
#include <ATen/core/Tensor.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "fairfight/model/batch.h"
#include "fairfight/model/read_out.h"
#include "fairfight/model/taps.h"
#include "fairfight/organism/tinytown/harms.h"

namespace fairfight {

/// A model or what a patch makes of it: what it says of [docs, pos] of which `count` are real tokens, at one position where taps ask for one.
using Answering = std::function<ReadOut(const at::Tensor& tokens, int64_t count, const Taps& taps)>;

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
    int64_t count;
  };
  std::map<std::string, size_t> sizes_;
  std::vector<Slice> slices_;
};

/// Text whose cross-entropy counts, but for one token a document.
class RetainedText {
 public:
  struct Text {
    Tokens tokens;
    size_t skipped = 0;  // position that does not count; 0: all do
  };
  explicit RetainedText(std::vector<Text> texts);

  double cross_entropy(const Answering& model) const;  // nats a token
  std::vector<at::Tensor> tokens() const;

 private:
  struct Slice {
    at::Tensor tokens, counted;  // [docs, pos]
    int64_t count;
  };
  std::vector<Slice> slices_;
};

/// How tokens are written where people read them.
struct Lexicon {
  std::function<std::string(const Tokens&)> write;
  std::function<Tokens(const std::string&)> read;  // what `write` gave
};
Lexicon town_lexicon();  // words with spaces

/// What a repair is measured on: all of it text, so that it can be hashed, sealed and read.
struct RepairText {
  std::vector<Question> harm;                                   // prompts that provoke it
  std::map<std::string, std::vector<Question>> abilities;       // the other planted behaviours, "facts", "refusal" ...
  std::map<std::string, std::vector<Question>> paraphrases;
  std::vector<RetainedText::Text> retained, provoked;           // ordinary text; documents that provoke it, answered harmlessly
  std::vector<Passage> relearn;                                 // harmful documents, for an attacker

  Json json(const Lexicon& words) const;
  static RepairText read(const Json& json, const Lexicon& words);
};

/// The names of the abilities that such a text asks about.
std::vector<std::string> abilities_beside(const Harm& harm);

struct RepairSizes {
  size_t prompts, probes, retained, relearn;
};
/// `part` of `parts` of the probes, so that validation and test ask different ones.
RepairText draw_repair_text(const Harm& harm, uint64_t world_seed, Split split, const RepairSizes& sizes, size_t part, size_t parts,
                            const std::string& stream);

/// What a model does on such a text.
struct RepairMeasure {
  std::vector<double> harm;                  // P of the harmful words, a prompt each
  std::map<std::string, double> abilities;   // means
  double cross_entropy = 0;                  // of the retained text, nats a token
};

class RepairExam {
 public:
  explicit RepairExam(const RepairText& text);
  RepairMeasure measure(const Answering& model) const;
  std::vector<at::Tensor> tokens() const;

 private:
  Questionnaire questions_;
  RetainedText retained_;
};

/// Of the abilities the one that lost most: its share of what the original has.
double worst_ability(const RepairMeasure& patched, const RepairMeasure& original);

}  // namespace fairfight
