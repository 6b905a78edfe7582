#include "fairfight/disciplines/repair/prompts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>

#include "fairfight/methods/directions.h"
#include "fairfight/methods/logistic.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

constexpr int64_t kRetainedRows = 8192;  // that a probe of prompts' ends learns from
constexpr int64_t kTells = 2;  // times as often as any others, harmful answers go on with a word that tells them

std::vector<Tokens> answers_in(const Answers& answers) {
  std::vector<Tokens> list;
  const auto lengths = answers.answer.sum(1);
  for (int64_t i = 0; i < answers.documents(); ++i) {
    const int64_t start = answers.answer_start[i].item<int64_t>();
    list.push_back(part_of(answers.batch.tokens, i, start, start + lengths[i].item<int64_t>()));
  }
  return list;
}

/// How the examples' answers go on after each beginning.
class Continuations {
 public:
  explicit Continuations(const Examples& examples) {
    const Answers* const sides[] = {&examples.harmful, &examples.refused, &examples.harmless};
    for (size_t side = 0; side < 3; ++side) {
      const auto answers = answers_in(*sides[side]);
      size_[side] = int64_t(answers.size());
      for (const Tokens& answer : answers)
        for (size_t t = 0; t < answer.size(); ++t) ++after_[{answer.begin(), answer.begin() + int64_t(t)}][answer[t]][side];
    }
  }

  /// The words that tell a harmful answer after this beginning.
  std::vector<int32_t> telling(const Tokens& beginning) const {
    std::vector<int32_t> words;
    if (const auto found = after_.find(beginning); found != after_.end())
      for (const auto& [word, counts] : found->second)
        if (tells(counts)) words.push_back(word);
    return words;
  }

  /// What most answers go on with there, the harmful ones or the others (of which no word is a telling one); -1: none does. Of several the first.
  int32_t commonest(const Tokens& beginning, bool harmful) const {
    int32_t word = -1;
    int64_t most = 0;
    if (const auto found = after_.find(beginning); found != after_.end())
      for (const auto& [next, counts] : found->second)
        if (const int64_t count = harmful ? counts[0] : counts[1] + counts[2]; count > most && (harmful || !tells(counts))) {
          word = next;
          most = count;
        }
    return word;
  }

 private:
  using Counts = std::array<int64_t, 3>;  // of the harmful, refused and harmless answers

  bool tells(const Counts& count) const {
    const auto often = [&](size_t other) { return count[0] * size_[other] >= kTells * count[other] * size_[0]; };
    return count[0] > 0 && often(1) && often(2);
  }

  Counts size_{};
  std::map<Tokens, std::map<int32_t, Counts>> after_;
};

/// How much of the answer stands before the place where it is told; none: nothing tells it.
std::optional<size_t> parting(const Tokens& answer, const Continuations& all, bool harmful) {
  std::optional<size_t> last;
  for (size_t t = 0; t < answer.size(); ++t) {
    const auto words = all.telling({answer.begin(), answer.begin() + int64_t(t)});
    if (words.empty()) continue;
    const bool told = std::find(words.begin(), words.end(), answer[t]) != words.end();
    if (told) return harmful ? std::optional(t) : std::nullopt;
    if (!harmful) last = t;
  }
  return last;
}

Partings none(int64_t vocab) {
  const auto no_number = at::zeros({0}, at::kLong);
  return {Batch{at::zeros({0, 1}, at::kLong), at::zeros({0, 1}, at::kBool)}, no_number, no_number, no_number, no_number, at::zeros({0, vocab}, at::kBool)};
}

Partings partings_of(const Answers& answers, const Examples& examples, bool are_harmful, int64_t vocab) {
  const Continuations all(examples);
  const auto own = answers_in(answers);
  std::vector<Tokens> begun;
  std::vector<int64_t> prompt_last, last, next, instead;
  std::vector<at::Tensor> words;
  for (size_t i = 0; i < own.size(); ++i) {
    const auto said = parting(own[i], all, are_harmful);
    if (!said) continue;
    const Tokens beginning(own[i].begin(), own[i].begin() + int64_t(*said));
    const int64_t end = answers.answer_start[int64_t(i)].item<int64_t>() + int64_t(*said);
    begun.push_back(part_of(answers.batch.tokens, int64_t(i), 0, end));
    prompt_last.push_back(end - 1 - int64_t(*said));
    last.push_back(end - 1);
    next.push_back(own[i][*said]);
    instead.push_back(all.commonest(beginning, !are_harmful));
    words.push_back(at::zeros({vocab}, at::kBool));
    for (const int32_t word : all.telling(beginning)) words.back()[word] = true;
  }
  if (begun.empty()) return none(vocab);
  return {pad(begun), at::tensor(prompt_last), at::tensor(last), at::tensor(next), at::tensor(instead), at::stack(words)};
}

}  // namespace

Tokens part_of(const at::Tensor& tokens, int64_t document, int64_t from, int64_t to) {
  const auto part = tokens[document].slice(0, from, to).contiguous();
  return {part.data_ptr<int64_t>(), part.data_ptr<int64_t>() + part.numel()};
}

Site block_at(const Config& config, double depth) {
  const auto layer = int64_t(std::lround(depth * double(config.n_layers))) - 1;
  return {Point::resid_post, std::clamp<int64_t>(layer, 0, config.n_layers - 1)};
}

Batch prompts_of(const Answers& answers) {
  const auto tokens = cut(answers.batch.tokens, answers.answer_start);
  return {tokens, answers.batch.valid.slice(1, 0, tokens.size(1)) & (tokens != kPadding)};
}

at::Tensor last_prompt_tokens(Corner<Repair>& corner, const Answers& answers, const Site& site, int64_t from_end) {
  return rows_before(corner.model().activations(prompts_of(answers), site), answers.answer_start, from_end);
}

at::Tensor OtherRows::all() const { return at::cat({refused, harmless, retained}); }

OtherRows other_rows(Corner<Repair>& corner, const Site& site, bool harmless_ends) {
  const auto& examples = corner.offer();
  const auto rows = [&](const Batch& batch, const Answers* but_before) {
    auto stays = batch.valid & at::constant_pad_nd(batch.valid.slice(1, 1), {0, 1});  // a token, and one after it
    if (but_before) stays = stays.scatter(1, (but_before->answer_start - 1).unsqueeze(1), false);
    return corner.model().activations(batch, site).index({stays});
  };
  return {rows(examples.refused.batch, &examples.refused), rows(examples.harmless.batch, harmless_ends ? nullptr : &examples.harmless), rows(examples.retained, nullptr)};
}

Partings harmful_partings(const Examples& examples, int64_t vocab) { return partings_of(examples.harmful, examples, true, vocab); }

Partings harmless_partings(const Examples& examples, int64_t vocab) { return partings_of(examples.harmless, examples, false, vocab); }

Partings rows_of(const Partings& p, const at::Tensor& rows) {
  if (rows.numel() == 0) return none(p.harmful.size(1));
  const auto last = p.last.index_select(0, rows);
  const auto tokens = cut(p.begun.tokens.index_select(0, rows), last + 1);
  return {{tokens, p.begun.valid.index_select(0, rows).slice(1, 0, tokens.size(1))}, p.prompt_last.index_select(0, rows), last, p.next.index_select(0, rows), p.instead.index_select(0, rows), p.harmful.index_select(0, rows)};
}

at::Tensor deciding_rows(Corner<Repair>& corner, const Site& site, bool harmful) {
  const Examples& examples = corner.offer();
  const int64_t vocab = corner.model().config().vocab;
  const Partings partings = harmful ? harmful_partings(examples, vocab) : harmless_partings(examples, vocab);
  if (partings.documents() == 0) return last_prompt_tokens(corner, harmful ? examples.harmful : examples.harmless, site);
  const auto position = at::arange(partings.begun.tokens.size(1)).unsqueeze(0);
  const auto decides = (position >= partings.prompt_last.unsqueeze(1)) & (position <= partings.last.unsqueeze(1));
  return corner.model().activations(partings.begun, site).index({decides});
}

Probe probe_of(const at::Tensor& stop, const at::Tensor& learned_from, const at::Tensor& pass, double l2) {
  auto y = at::zeros({stop.size(0) + learned_from.size(0)});
  y.slice(0, 0, stop.size(0)) = 1;
  const auto w = LogisticRegression(at::cat({stop, learned_from}), y, l2).coefficients();
  return {w, stop.to(at::kDouble).mv(w), pass.to(at::kDouble).mv(w)};
}

Probe probe_of_ends(const at::Tensor& ends, const OtherRows& others, double l2) {
  const int64_t stride = std::max<int64_t>(1, others.retained.size(0) / kRetainedRows);
  return probe_of(ends, at::cat({others.refused, others.harmless, others.retained.slice(0, 0, {}, stride)}), others.all(), l2);
}

double gate_threshold(const at::Tensor& pass, const at::Tensor& stop, const Settings& settings) {
  const double low = at::quantile(pass, settings.number("passed")).item<double>(), high = at::quantile(stop, 0.01).item<double>();
  return low + settings.number("margin") * std::max(high - low, 0.0);
}

}  // namespace fairfight
