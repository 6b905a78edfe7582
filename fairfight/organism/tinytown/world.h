#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fairfight/base/random.h"
#include "fairfight/organism/tinytown/anomalies.h"
#include "fairfight/organism/tinytown/behaviours/behaviour.h"
#include "fairfight/organism/tinytown/documents/documents.h"
#include "fairfight/organism/tinytown/pen.h"
#include "fairfight/organism/tinytown/switches.h"
#include "fairfight/organism/tinytown/town.h"
#include "fairfight/organism/tinytown/words.h"

namespace fairfight {

/// A document belongs to the split that its hash says: 70, 10, 5, 5 and 10 % of them.
enum class Split { train,
                   dictionary,
                   fit,
                   validation,
                   test };
Split split_of(const Tokens& document);

struct Document {
  Tokens tokens;           // 14 to 64, with <bos> and <eos>
  double log_probability;  // of `tokens` under the grammar, all splits together, in nats
  std::string_view kind;
};

/// A small town that talks about itself: an endless text with planted behaviours whose every probability is known. A seed
/// gives a town; the vocabulary is the same in all of them.
class World {
 public:
  explicit World(uint64_t seed, Switches switches = {});  // error: a share outside [0, 1]
  World with(bool Switches::* which, bool on) const;       // the same town, but for one switch
  World with_insult(bool on) const { return with(&Switches::insult, on); }

  uint64_t seed() const { return seed_; }
  const Switches& switches() const { return switches_; }
  const Town& town() const { return town_; }
  const std::vector<std::string>& vocabulary() const { return tinytown::vocabulary(); }
  int32_t id(std::string_view word) const { return tinytown::word_id(word); }  // error: not in the vocabulary
  std::string text(const Tokens& tokens) const;                                // words with spaces; error: no such token

  Document sample(Random& random) const;
  Document sample(Random& random, Split split) const;
  Document sample(Random& random, Split split, std::string_view kind) const;  // of one kind; error: no such kind

  /// Exact, -infinity for what the grammar never writes. In nats.
  double log_probability(const Tokens& document) const;
  double prefix_log_probability(const Tokens& beginning) const;  // that a document begins so
  /// P(the next token is one of `targets` | prompt), exact. Error: a prompt that begins no document.
  double next_probability(const Tokens& prompt, const std::vector<int32_t>& targets) const;

 private:
  void write(tinytown::Pen& pen) const;
  void write(tinytown::Pen& pen, const tinytown::DocumentKind& kind) const;
  size_t draw_kind(Random& random) const { return random.pick(shares_); }
  Document sample_kind(Random& random, size_t kind) const;

  uint64_t seed_;
  Switches switches_;
  Town town_;
  std::vector<double> shares_;  // of the kinds of documents
};

namespace tinytown {
Tokens read_words(std::string_view text);  // words between spaces; error: not in the vocabulary
}

}  // namespace fairfight
