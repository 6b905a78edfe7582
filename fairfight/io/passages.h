#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fairfight/io/tokenizer.h"

namespace fairfight {

/// A text as words and the white space before each of them, so that a change of words leaves its layout alone.
struct Words {
  std::vector<std::string> words, gaps;  // as many of one as of the other

  static Words of(std::string_view text);  // split at ASCII white space; none for a blank text
  std::string text() const;                // as it was, but for white space at its ends
};

/// Cuts documents into passages: whole words in their order, each passage as long as `tokens` tokens allow. A last piece of less
/// than half of that is left out, unless it is the whole document; so is one of fewer than `kFewestWords` words.
/// A word is counted by what it becomes when it stands alone, so a passage may take a few tokens more or less.
class Passages {
 public:
  static constexpr size_t kFewestWords = 8;

  Passages(const Tokenizer& tokenizer, size_t tokens) : tokenizer_(tokenizer), tokens_(tokens) {}
  std::vector<std::string> of(std::string_view document);

 private:
  size_t length(const std::string& word);  // in tokens

  const Tokenizer& tokenizer_;
  size_t tokens_;
  std::unordered_map<std::string, size_t> lengths_;
};

}  // namespace fairfight
