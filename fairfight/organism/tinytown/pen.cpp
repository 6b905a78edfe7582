#include "fairfight/organism/tinytown/pen.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace fairfight::tinytown {

double Odds::of(size_t index) const {
  if (index == except_) return 0;
  if (weights_.empty()) return 1 / double(except_ < n_ ? n_ - 1 : n_);
  double sum = 0;
  for (double w : weights_) sum += w;
  return weights_[index] / sum;
}

size_t Odds::draw(Random& random) const {
  if (!weights_.empty()) return random.pick(weights_);
  if (except_ >= n_) return random.below(n_);
  const size_t index = random.below(n_ - 1);
  return index + (index >= except_);
}

Lottery::Lottery(Tokens any, std::vector<Pattern> patterns) : any_(std::move(any)), patterns_(std::move(patterns)) {
  double sum = 0;
  for (const auto& pattern : patterns_) sum += pattern.weight;
  for (const auto& pattern : patterns_) weights_.push_back(pattern.weight / sum);
}

Tokens Lottery::draw(Random& random) const {
  Tokens words = patterns_[random.pick(weights_)].words;
  for (int32_t& word : words)
    if (word == kAny) word = any_[random.below(any_.size())];
  return words;
}

double Lottery::of(std::span<const int32_t> beginning) const {
  std::vector<double> any;  // the probability of each word where any may stand
  for (int32_t word : beginning) any.push_back(std::find(any_.begin(), any_.end(), word) == any_.end() ? 0 : 1 / double(any_.size()));
  double sum = 0;
  for (size_t p = 0; p < patterns_.size(); ++p) {
    double probability = weights_[p];
    for (size_t i = 0; i < beginning.size() && probability > 0; ++i) {
      const int32_t word = patterns_[p].words[i];
      probability *= word == kAny ? any[i] : double(word == beginning[i]);
    }
    sum += probability;
  }
  return sum;
}

bool Pen::happens(double probability) {
  const std::array<double, 2> weights{probability, 1 - probability};
  return pick(Odds(weights)) == 0;
}

size_t Sampler::pick(const Odds& odds) {
  const size_t index = odds.draw(random_);
  probability_ *= odds.of(index);
  return index;
}

size_t Sampler::choose(std::span<const int32_t> words, const Odds& odds) {
  const size_t index = pick(odds);
  write(words[index]);
  return index;
}

Tokens Sampler::draw(const Lottery& lottery) {
  const Tokens words = lottery.draw(random_);
  probability_ *= lottery.of(words);
  for (int32_t word : words) write(word);
  return words;
}

double Sampler::log_probability() const { return std::log(probability_); }

namespace {

/// Follows one branch at a time. After the branch has died, or has matched all words, picks are answered with 0 and not
/// recorded: the program runs to its end, which is cheaper than unwinding it.
class Reader final : public Pen {
 public:
  explicit Reader(std::span<const int32_t> words) : words_(words) {}

  void begin() {
    at_ = depth_ = 0;
    weight_ = 1;
    dead_ = false;
  }

  double weight() const { return dead_ || at_ < words_.size() ? 0 : weight_; }

  bool next_branch() {
    while (!path_.empty() && path_.back().index + 1 == path_.back().size) path_.pop_back();
    if (path_.empty()) return false;
    ++path_.back().index;
    return true;
  }

  size_t pick(const Odds& odds) override {
    if (idle()) return 0;
    if (depth_ == path_.size()) path_.push_back({0, odds.size()});
    const size_t index = path_[depth_++].index;
    multiply(odds.of(index));
    return index;
  }

  void write(int32_t word) override {
    if (idle()) return;
    if (words_[at_] == word)
      ++at_;
    else
      dead_ = true;
  }

  size_t choose(std::span<const int32_t> words, const Odds& odds) override {
    if (idle()) return 0;
    const auto found = std::find(words.begin(), words.end(), words_[at_]);
    if (found == words.end()) return dead_ = true, 0;
    ++at_;
    const auto index = size_t(found - words.begin());
    multiply(odds.of(index));
    return index;
  }

  Tokens draw(const Lottery& lottery) override {
    if (idle()) return Tokens(lottery.length());
    const auto drawn = words_.subspan(at_, std::min(lottery.length(), words_.size() - at_));
    at_ += drawn.size();
    multiply(lottery.of(drawn));
    Tokens words(drawn.begin(), drawn.end());
    words.resize(lottery.length());  // what is beyond the beginning that is asked for plays no part
    return words;
  }

 private:
  struct Choice {
    size_t index, size;
  };

  bool idle() const { return dead_ || at_ == words_.size(); }

  void multiply(double probability) {
    weight_ *= probability;
    dead_ = weight_ == 0;
  }

  std::span<const int32_t> words_;
  std::vector<Choice> path_;
  size_t at_ = 0, depth_ = 0;
  double weight_ = 1;
  bool dead_ = false;
};

}  // namespace

double prefix_probability(const Program& program, std::span<const int32_t> words) {
  Reader reader(words);
  double total = 0;
  do {
    reader.begin();
    program(reader);
    total += reader.weight();
  } while (reader.next_branch());
  return total;
}

}  // namespace fairfight::tinytown
