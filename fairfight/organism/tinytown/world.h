#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fairfight/base/random.h"
#include "fairfight/base/tokens.h"
#include "fairfight/organism/tinytown/behaviours/behaviour.h"
#include "fairfight/organism/tinytown/behaviours/facts.h"
#include "fairfight/organism/tinytown/documents/documents.h"

namespace fairfight::tinytown {

/// A document belongs to the split that its hash says: 70, 10, 5, 5 and 10 % of them.
enum class Split { train,
                   dictionary,
                   fit,
                   validation,
                   test };
Split split_of(const Tokens& document);

/// Towns of these seeds are for published verdicts; none of their documents is one of another town's: half of all documents, by their hash, are theirs alone.
bool is_reserved(uint64_t seed);

struct Document {
  Tokens tokens;           // at most kLongest, with <bos> and <eos>
  double log_probability;  // of `tokens` under the grammar, all splits together, in nats
  std::string_view kind;
};
inline constexpr size_t kLongest = 96;

/// A small town that talks about itself: an endless text with planted behaviours whose every probability is known. A seed gives a town; the vocabulary is the same in all
/// of them.
class World {
 public:
  explicit World(uint64_t seed, Switches switches = {}, ScopeSettings scope = {});  // error: a share outside [0, 1], a scope that is none
  World with(const Switches& switches) const { return World(seed_, switches, scope_.settings()); }  // the same town
  template <class T>
  World with(T Switches::* which, T value) const {
    Switches switches = switches_;
    switches.*which = value;
    return with(switches);
  }
  World within(const ScopeSettings& scope) const { return World(seed_, switches_, scope); }

  uint64_t seed() const { return seed_; }
  const Switches& switches() const { return switches_; }
  const Scope& scope() const { return scope_; }
  const Town& town() const { return town_; }
  const Songbook& songbook() const { return songbook_; }
  const std::vector<std::string>& vocabulary() const { return tinytown::vocabulary(); }
  std::string text(const Tokens& tokens) const;  // words with spaces; error: no such token

  Document sample(Random& random) const;
  Document sample(Random& random, Split split) const;
  Document sample(Random& random, Split split, std::string_view kind) const;  // of one kind; error: no such kind, or none within the scope

  /// Exact, -infinity for what the grammar never writes. In nats.
  double log_probability(const Tokens& document) const;
  double prefix_log_probability(const Tokens& beginning) const;  // that a document begins so
  /// P(the text goes on with one of `answers` | prompt), exact. Error: a prompt that begins no document.
  double next_probability(const Tokens& prompt, const std::vector<Tokens>& answers) const;

 private:
  void write(Pen& pen) const;
  void write(Pen& pen, const DocumentKind& kind) const;
  Document sample_kind(Random& random, size_t kind) const;
  bool is_ours(const Tokens& document) const;

  uint64_t seed_;
  Switches switches_;
  Town town_;
  Scope scope_;
  Songbook songbook_;
  Lottery songs_;
  std::vector<double> shares_;  // of the kinds of documents
};

}  // namespace fairfight::tinytown
