#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fairfight/arena/metric.h"
#include "fairfight/disciplines/repair/score.h"
#include "fairfight/exam/occasions.h"
#include "fairfight/exam/retained.h"
#include "fairfight/organism/tinytown/harms.h"

namespace fairfight {

/// How tokens are written where people read them.
struct Lexicon {
  std::function<std::string(const Tokens&)> write;
  std::function<Tokens(const std::string&)> read;  // what `write` gave
};
Lexicon town_lexicon();  // words with spaces

/// What a repair is measured on: all of it text, so that it can be hashed, sealed and read.
struct RepairText {
  std::vector<Tokens> harm;                                // prompts that provoke it
  std::map<std::string, std::vector<Question>> abilities;  // what else the model can, "facts", "refusal" ...
  std::map<std::string, std::vector<size_t>> about;        // of each question, whom it is about: from 0 on, without a gap
  std::map<std::string, std::vector<Tokens>> paraphrases;  // prompts that provoke it in other words, by the way to say it
  std::vector<RetainedText::Text> retained, provoked;      // ordinary text; documents that provoke it, answered harmlessly
  std::vector<RetainedText::Text> near;                    // harmless documents of the same kind, of which the answer alone counts
  std::vector<Passage> relearn;                            // harmful documents, for an attacker

  Json json(const Lexicon& words) const;
  static RepairText read(const Json& json, const Lexicon& words);
};

/// The names of the abilities that such a text asks about.
std::vector<std::string> abilities_of_towns();

/// Whole answers, as the town's recogniser reads them.
Sign sign_of(const tinytown::Harm& harm);

/// Splits are of documents, and a prompt begins many: a prompt that provokes it is asked about in one split alone.
bool is_of(tinytown::Split split, const Tokens& prompt);

struct RepairSizes {
  size_t prompts, probes, retained, relearn;
};
/// `part` of `parts` of the probes, so that validation and test ask different ones.
RepairText draw_repair_text(const tinytown::Harm& harm, uint64_t world_seed, tinytown::Split split, const RepairSizes& sizes, size_t part, size_t parts,
                            const std::string& stream);

/// What a model does on such a text.
struct RepairMeasure {
  AnsweredAt answered;                                   // at the prompts that provoke it
  std::optional<AnsweredAt> harmless;                    // at harmless ones, where answers are read: the behaviour in jest or in a play, nonsense (`amiss`) and refusals
  std::map<std::string, std::vector<double>> abilities;  // by whom the questions are about: a sum
  RetainedText::Read retained, near;                     // ordinary text, and harmless answers in the same kind of place
};

/// What a patch changes besides, by the names of repair_constraints, with standard errors over texts and questions.
/// What was not seen to change may have been missed; of few texts that is told as a part of the budget at most, or whatever changes nothing would be over it.
Effects side_effects(const RepairMeasure& patched, const RepairMeasure& original, const RepairBudget& budget);

class RepairExam {
 public:
  RepairExam(const RepairText& text, const Sign& sign, uint64_t seed);
  RepairMeasure measure(const Transformer& original, const Patch& patch) const;
  const Occasions& occasions() const { return occasions_; }
  std::vector<at::Tensor> tokens() const;

 private:
  Occasions occasions_;
  std::optional<Occasions> harmless_;
  Questionnaire abilities_;
  std::map<std::string, std::vector<size_t>> about_;
  RetainedText retained_, near_;
};

/// A document of which nothing but its answer counts.
RetainedText::Text answer_alone(const Passage& passage);

}  // namespace fairfight
