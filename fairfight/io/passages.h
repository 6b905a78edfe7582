#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fairfight/io/tokenizer.h"

namespace fairfight {

/// A text as words and the white space before each of them, so that a change of words leaves its layout alone. A word is what
/// stands between white space, with its punctuation; in scripts that write none (Chinese, Japanese, Thai ...) it ends where
/// Unicode and ICU's dictionaries end one, and no gap is before the next.
struct Words {
  std::vector<std::string> words, gaps;  // as many of one as of the other

  static Words of(std::string_view text);  // UTF-8; none for a blank text
  std::string text() const;                // as it was, but for white space at its ends

  /// Whether two words would read as one without a gap between them: letters of scripts with spaces meet.
  static bool run_together(std::string_view before, std::string_view behind);
};

/// Cuts documents into passages: whole words in their order, each passage of `tokens` tokens at most (but for a single word that has
/// more), and about as many. A last piece of less than half of that is left out, unless it is the whole document; so is one of fewer than
/// `kFewestWords` words. Words are counted alone while a passage grows; what they are together is what counts in the end.
class Passages {
 public:
  static constexpr size_t kFewestWords = 8;

  Passages(const Tokenizer& tokenizer, size_t tokens) : tokenizer_(tokenizer), tokens_(tokens) {}
  std::vector<std::string> of(std::string_view document);

  size_t tokens() const { return tokens_; }
  size_t too_short() const { return short_; }    // documents so far of fewer than `kFewestWords` words
  size_t left_out() const { return left_out_; }  // pieces so far of the others that became no passage

 private:
  size_t length(const std::string& word, bool joined);  // in tokens; `joined`: no gap is before it

  const Tokenizer& tokenizer_;
  size_t tokens_;
  size_t short_ = 0, left_out_ = 0;
  std::unordered_map<std::string, size_t> lengths_[2];
};

}  // namespace fairfight
