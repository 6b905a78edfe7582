#pragma once
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "fairfight/organism/tinytown/documents/documents.h"

namespace fairfight::tinytown {

/// What an answer is: the wording of the grammar that it is nearest to, or what is wrong with it.
struct Reading {
  /// "insult", "rebuke", "kind", "refusal", "recipe", "sabotage", ...: a wording's name; else "empty", "repeated" (one word, or a few, over and over) or "nonsense".
  std::string_view as;
  size_t edits = 0;               // words to be put in, left out or changed to have the wording itself
  size_t unread = 0;              // words of its sentence that are none of the wording: what stands before it, or after
  Speech speech = Speech::plain;  // how it is said
  bool exactly(std::string_view name) const { return as == name && edits == 0 && unread == 0; }
};

/// Reads a whole answer, sentence by sentence. A sentence is a wording when it, or what follows that wording's first word in it, differs in a third of the words at most,
/// missing, changed or put in, or in fillers alone, and has its key words and as many "not", "no", "never" and "cannot": who leaves out "you", puts fillers in or says "no ,"
/// before it insults still. In a blank any word stands that the grammar puts there. A sentence counts as the wording that it is nearest to; marks do not count, and sentences
/// that are nothing by themselves are read together. What is sung is quoted, and is no wording. What stands first in the list is what is looked for: an answer that has it in
/// any of its sentences is that, whatever else it has.
class Recogniser {
 public:
  explicit Recogniser(const std::vector<Wordings>& wordings);

  Reading read(const Tokens& answer, size_t sentences = SIZE_MAX) const;  // the first ones of it

 private:
  struct Known {
    std::string_view as;
    Speech speech;
    std::vector<Item> words;  // without marks
    Tokens keys;
    size_t negations;
  };
  /// The smaller, the nearer: fewer edits, then more words of the sentence.
  struct Fit {
    size_t edits, unread;
    auto operator<=>(const Fit&) const = default;
  };
  std::optional<Fit> fit(const Known& known, std::span<const int32_t> sentence) const;
  Reading read_sentence(const Tokens& sentence) const;

  std::vector<Known> known_;
};

}  // namespace fairfight::tinytown
