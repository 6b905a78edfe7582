#pragma once
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "fairfight/base/tokens.h"
#include "fairfight/fights/repair/traces.h"
#include "fairfight/io/conversations.h"
#include "fairfight/io/reading.h"
#include "fairfight/model/checkpoint.h"

namespace fairfight {

/// A line of a user's file about a behaviour (cards/README.md).
struct BehaviourLine {
  std::string kind, name, prompt, answer;  // "harmful", "harmless", "refusal" or "ability"; the ability's name
  std::string where;                       // "FILE:LINE"
  bool rendered = false;                   // the prompt is a conversation, as the model's template writes it
  std::string asked = {};                  // what the user said there; of another prompt all of it
};

/// Each once, in the order of the hashes of their prompts, which deals them to splits. Errors name the file's line.
std::vector<BehaviourLine> read_behaviour(const std::filesystem::path& file, const Conversations& chat);
std::set<std::string> abilities_of(const std::filesystem::path& file);  // their names

Traces traces_of(const std::vector<BehaviourLine>& lines);  // of the harmful ones

/// Reads a prompt and the answer after it: where the answer's tokens begin is where the two readings part. Errors: no token of
/// an answer, a prompt of a single one, or more than the model sees.
class AnswerReader {
 public:
  AnswerReader(const LoadedModel& model, bool bos);  // see Reader

  Passage operator()(const BehaviourLine& line) const;
  Tokens refusal(const BehaviourLine& line, size_t behind) const;  // an answer alone, which fits after so many tokens
  std::string piece(int32_t token) const { return std::string(read_.tokenizer().piece(token)); }
  std::string text(const Tokens& tokens) const { return read_.tokenizer().decode(tokens, true); }

 private:
  Reading read_;
  size_t most_;
};

}  // namespace fairfight
