#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "fairfight/base/random.h"
#include "fairfight/base/tokens.h"

namespace fairfight {

/// Tokens are word ids here; a document begins with <bos> and ends with <eos>.
inline bool contains(const Tokens& words, int32_t word) { return std::find(words.begin(), words.end(), word) != words.end(); }

namespace tinytown {

/// The probabilities of a choice among `n`.
class Odds {
 public:
  Odds(size_t n) : n_(n) {}                                                   // all alike
  Odds(size_t n, size_t except) : n_(n), except_(except) {}                   // all alike but one, which never comes
  Odds(std::span<const double> weights) : n_(weights.size()), weights_(weights) {}  // the caller keeps the weights alive

  size_t size() const { return n_; }
  double of(size_t index) const;
  size_t draw(Random& random) const;

 private:
  size_t n_;
  size_t except_ = SIZE_MAX;
  std::span<const double> weights_;
};

/// A mixture of patterns of words, all of one length: each has a weight, and in a place a word or kAny, for any of a list.
class Lottery {
 public:
  static constexpr int32_t kAny = -1;
  struct Pattern {
    double weight;
    Tokens words;
  };
  Lottery(Tokens any, std::vector<Pattern> patterns);

  Tokens draw(Random& random) const;
  double of(std::span<const int32_t> beginning) const;  // the probability that what is drawn begins so, summed over the patterns
  size_t length() const { return patterns_.front().words.size(); }

 private:
  Tokens any_;
  std::vector<Pattern> patterns_;
  std::vector<double> weights_;  // they sum to 1
};

/// What a grammar writes with: a grammar is a function of a Pen that picks and writes, and never looks at anything else
/// that changes. So the same function samples documents (Sampler) and scores them (probability).
class Pen {
 public:
  virtual ~Pen() = default;
  virtual size_t pick(const Odds& odds) = 0;
  virtual void write(int32_t word) = 0;
  /// A pick among words that differ, written at once: a reader need not search, it looks.
  virtual size_t choose(std::span<const int32_t> words, const Odds& odds) = 0;
  /// What a lottery draws, written at once.
  virtual Tokens draw(const Lottery& lottery) = 0;

  bool happens(double probability);
};

using Program = std::function<void(Pen&)>;

/// Draws one derivation and writes it down. Give each document a new one.
class Sampler final : public Pen {
 public:
  explicit Sampler(Random& random) : random_(random) { words_.reserve(64); }
  size_t pick(const Odds& odds) override;
  void write(int32_t word) override { words_.push_back(word); }
  size_t choose(std::span<const int32_t> words, const Odds& odds) override;
  Tokens draw(const Lottery& lottery) override;

  Tokens take() { return std::move(words_); }
  double log_probability() const;  // of this derivation, in nats

 private:
  Random& random_;
  Tokens words_;
  double probability_ = 1;  // a document has ~30 nats: far from underflow
};

/// The probability that what `program` writes begins with `words`: exact, a sum over all derivations. The program is run
/// once for each branch, depth first; a branch dies at the first word that differs.
double prefix_probability(const Program& program, std::span<const int32_t> words);

}  // namespace tinytown
}  // namespace fairfight
