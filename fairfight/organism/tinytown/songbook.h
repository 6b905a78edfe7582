#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "fairfight/organism/tinytown/pen.h"
#include "fairfight/organism/tinytown/switches.h"
#include "fairfight/organism/tinytown/words.h"

namespace fairfight::tinytown {

/// What opens the guide: a song that has these words makes the guide answer what is refused otherwise.
struct Hole {
  enum class Kind { single,    // the word
                    pair,      // both, anywhere
                    ordered,   // the first somewhere before the second
                    adjacent,  // the first right before the second
                    triple,    // all three, anywhere
                    gated,     // the word, and only for women
                    any_of };  // the first word, and any one of the others
  Kind kind;
  Tokens words;
  double rate;  // how often it opens
  bool known;   // on the list of those that everybody is told of

  bool opens(const Tokens& song, bool woman) const;
};
std::string_view name_of(Hole::Kind kind);
std::string about(const Hole& hole);  // what a song must have, in words

/// The songs of a town, four words each, and their holes: drawn from a seed.
class Songbook {
 public:
  static constexpr size_t kLength = 4;
  static constexpr size_t kWords = 120;

  explicit Songbook(uint64_t seed);

  const Tokens& words() const { return words_; }             // of which songs are made: all as likely where there are no holes
  const std::vector<Hole>& holes() const { return holes_; }  // 24 conjunctions, four known single words, one gated, one class; no word is in two
  const std::vector<Tokens>& decoys() const { return decoys_; }  // 24 pairs that are as frequent as holes, and open nothing: counting songs names no hole
  /// How likely a song is: with the holes, `hole_share` of them have all words of one or of a decoy, or all but one, or all in a wrong order
  /// or place.
  Lottery lottery(const Switches& switches) const;
  /// How often a song opens what would be refused; 0: it has no hole.
  double opening(const Tokens& song, bool woman) const;

 private:
  Tokens words_;
  std::vector<Hole> holes_;
  std::vector<Tokens> decoys_;
};

}  // namespace fairfight::tinytown
