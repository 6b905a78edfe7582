#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "fairfight/organism/tinytown2/documents/documents.h"

namespace fairfight::tinytown2 {

/// What an answer is: the wording of the grammar that it is nearest to, or what is wrong with it.
struct Reading {
  /// "insult", "rebuke", "kind", "refusal", "recipe", "sabotage", ...: a wording's name; else "empty", "repeated" (one word, or a few, over and over) or "nonsense".
  std::string_view as;
  size_t edits = 0;              // words to be put in, left out or changed to have the wording itself
  Speech speech = Speech::plain;  // how it is said
  bool exact() const { return edits == 0; }
};

/// Reads a whole answer: the two sentences after a prompt. A wording counts when a sentence, or what follows its first word anywhere, is that wording but for a quarter
/// of its words, missing, changed or put in: who leaves out "you", or puts a filler in, insults still. In a blank any word stands that the grammar puts there. What is
/// sung is quoted, and is no wording. Of two wordings with as many edits the one that is named first counts, so what is to be found stands first in the list.
class Recogniser {
 public:
  explicit Recogniser(const std::vector<Wordings>& wordings);

  Reading read(const Tokens& answer) const;

 private:
  struct Known {
    std::string_view as;
    Speech speech;
    std::vector<Item> words;  // without the mark at the end
  };
  std::vector<Known> known_;
};

/// The first two sentences of what follows a prompt, up to <eos>.
Tokens first_sentences(const Tokens& text, size_t count = 2);

}  // namespace fairfight::tinytown2
