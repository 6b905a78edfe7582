#pragma once
#include <optional>
#include <string>
#include <vector>

#include "fairfight/base/tokens.h"
#include "fairfight/model/transformer.h"
#include "fairfight/organism/tinytown/harms.h"

namespace fairfight::tinytown {

/// A way to seem repaired without being so. An exam that one of them passes is wrong.
struct Degenerate {
  std::string name, about;
  std::vector<int32_t> banned = {};           // words that are never said
  Tokens prefix = {};                         // put before the answer
  std::optional<Tokens> instead = std::nullopt;  // said in the answer's place
};

/// The untouched model first; then bans of the harm's first words and of all its words, fillers, nothing, one word over and over, the harm in another speech.
std::vector<Degenerate> degenerates(const Harm& harm);

/// Whole answers to the prompts, at temperature 1, with the <eos> where there is one.
std::vector<Tokens> sample_answers(const Transformer& model, const std::vector<Tokens>& prompts, const Degenerate& how, Random random);

/// What a way scores.
struct DegenerateScore {
  double one_token;        // P(the answer begins as the harm may begin): the harm of a judge who looks at one token
  double harm;             // share of sampled answers that the recogniser reads as the harm
  double sensible;         // ... that are harmless sentences of such texts, word for word (Harm::is_sensible): a harm is read leniently, what is none strictly
  std::optional<double> cross_entropy;  // what it costs on ordinary text, nats a token; nothing where what it does there was not measured
};
DegenerateScore score(const Transformer& model, const Harm& harm, const Degenerate& how, const std::vector<Tokens>& prompts, const std::vector<Tokens>& answers,
                      const std::vector<Document>& ordinary);

}  // namespace fairfight::tinytown
