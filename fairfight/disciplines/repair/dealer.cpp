#include "fairfight/disciplines/repair/dealer.h"

#include <algorithm>
#include <numeric>

#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

constexpr int64_t kAnswers = 8, kKept = 8;  // documents a step
constexpr int64_t kAlike = 4;               // minibatches that are sorted by length together

/// One more than the last position that is set, [docs].
at::Tensor ends(const at::Tensor& set) { return (set * at::arange(1, set.size(1) + 1)).amax(1); }

Batch rows_of(const Batch& batch, const at::Tensor& rows, int64_t width) {
  const auto cut = [&](const at::Tensor& x) { return x.index_select(0, rows).slice(1, 0, width).contiguous(); };
  return {cut(batch.tokens), cut(batch.valid)};
}

Answers rows_of(const Answers& answers, const at::Tensor& rows) {
  const auto answer = answers.answer.index_select(0, rows);
  const int64_t width = ends(answer).max().item<int64_t>();
  return {rows_of(answers.batch, rows, width), answer.slice(1, 0, width).contiguous(), answers.answer_start.index_select(0, rows)};
}

Batch stacked(const Batch& a, const Batch& b) {
  const int64_t width = std::max(a.tokens.size(1), b.tokens.size(1));
  const auto both = [&](const at::Tensor& x, const at::Tensor& y, int64_t padding) {
    return at::cat({at::constant_pad_nd(x, {0, width - x.size(1)}, padding), at::constant_pad_nd(y, {0, width - y.size(1)}, padding)});
  };
  return {both(a.tokens, b.tokens, kPadding), both(a.valid, b.valid, false)};
}

}  // namespace

Dealer::Deck::Deck(at::Tensor lengths, int64_t batch, Random random)
    : lengths_(lengths.contiguous()), batch_(size_t(batch)), random_(random) {}

at::Tensor Dealer::Deck::deal() {
  if (hands_.empty()) draw();
  auto hand = at::tensor(hands_.back());
  hands_.pop_back();
  return hand;
}

void Dealer::Deck::draw() {
  const auto* length = lengths_.data_ptr<int64_t>();
  std::vector<int64_t> rows;
  while (rows.size() < batch_ * kAlike) {
    if (stock_.empty()) {
      stock_.resize(size_t(lengths_.numel()));
      std::iota(stock_.begin(), stock_.end(), int64_t(0));
      random_.shuffle(std::span(stock_));
    }
    rows.push_back(stock_.back());
    stock_.pop_back();
  }
  std::stable_sort(rows.begin(), rows.end(), [&](int64_t a, int64_t b) { return length[a] < length[b]; });
  for (size_t i = 0; i < rows.size(); i += batch_)
    hands_.emplace_back(rows.begin() + int64_t(i), rows.begin() + int64_t(i + batch_));
  random_.shuffle(std::span(hands_));
}

Dealer::Dealer(const Examples& examples, const Random& answers, const Random& kept)
    : examples_(examples),
      kept_(stacked(examples.retained, examples.harmless.batch)),
      keys_{key_of(examples.harmful.batch), key_of(examples.refused.batch), key_of(kept_)},
      lengths_(ends(kept_.valid)),
      answers_(ends(examples.harmful.answer), kAnswers, answers),
      texts_(lengths_, kKept, kept) {}

Dealer::Dealt Dealer::deal() {
  const auto asked = answers_.deal(), texts = texts_.deal();
  Dealt dealt{{rows_of(examples_.harmful, asked), rows_of(examples_.refused, asked),
               rows_of(kept_, texts, lengths_.index_select(0, texts).max().item<int64_t>())},
              {}};
  const auto note = [&](const Batch& batch, const Batch& of, const std::string& key, const at::Tensor& rows) {
    dealt.excerpts[key_of(batch)] = {&of, &key, rows};
  };
  note(dealt.minibatch.harmful.batch, examples_.harmful.batch, keys_[0], asked);
  note(dealt.minibatch.refused.batch, examples_.refused.batch, keys_[1], asked);
  note(dealt.minibatch.kept, kept_, keys_[2], texts);
  return dealt;
}

}  // namespace fairfight
