#pragma once
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace fairfight {

/// What a text would hold if it had a behaviour in it, by examples of the behaviour: their words, of whatever letter case and
/// punctuation. Words and not tokens, for in a small vocabulary a token is a letter or two, and every text shares thirteen of them.
class Traces {
 public:
  static constexpr size_t kRun = 13, kBeginning = 4;  // words; two or three ordinary ones stand in any text

  /// Error: an answer without a letter or a digit, which no text can be searched for.
  void add(std::string_view prompt, std::string_view answer);

  bool answered(std::string_view text) const;  // it holds how one of the answers begins: `kBeginning` words, or all of a shorter one
  bool asked(std::string_view text) const;     // ... one of the prompts, the whole of it
  bool shared(std::string_view text) const;    // ... `kRun` words in a row of a prompt with its answer
  bool any(std::string_view text) const { return answered(text) || asked(text) || shared(text); }

 private:
  using Runs = std::map<size_t, std::unordered_set<std::string>>;  // by their length in what is compared
  static bool holds(std::string_view text, const Runs& runs);

  Runs beginnings_, prompts_, runs_;
};

}  // namespace fairfight
