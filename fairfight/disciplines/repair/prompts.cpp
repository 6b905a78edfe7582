#include "fairfight/disciplines/repair/prompts.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "fairfight/methods/directions.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

std::vector<Tokens> answers_in(const Answers& answers) {
  std::vector<Tokens> list;
  const auto lengths = answers.answer.sum(1);
  for (int64_t i = 0; i < answers.documents(); ++i) {
    const int64_t start = answers.answer_start[i].item<int64_t>();
    list.push_back(part_of(answers.batch.tokens, i, start, start + lengths[i].item<int64_t>()));
  }
  return list;
}

std::vector<Tokens> joined(std::vector<Tokens> list, const std::vector<Tokens>& more) {
  list.insert(list.end(), more.begin(), more.end());
  return list;
}

size_t shared_beginning(const Tokens& a, const Tokens& b) { return size_t(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin()); }

/// What comes after a beginning in these answers, and how often.
std::map<int32_t, int64_t> after(const Tokens& answer, size_t beginning, const std::vector<Tokens>& list) {
  std::map<int32_t, int64_t> words;
  for (const Tokens& other : list)
    if (other.size() > beginning && shared_beginning(answer, other) >= beginning) ++words[other[beginning]];
  return words;
}

/// -1: nothing comes there. Of several as frequent ones the first.
int32_t commonest(const std::map<int32_t, int64_t>& words) {
  const auto most = std::max_element(words.begin(), words.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == words.end() ? -1 : most->first;
}

Partings partings_of(const Answers& answers, const std::vector<Tokens>& harmful, const std::vector<Tokens>& others, bool are_harmful, int64_t vocab) {
  const auto own = answers_in(answers);
  std::vector<Tokens> begun;
  std::vector<int64_t> prompt_last, last, next, instead;
  std::vector<at::Tensor> words;
  for (size_t i = 0; i < own.size(); ++i) {
    size_t shared = 0;
    for (const Tokens& other : are_harmful ? others : harmful) shared = std::max(shared, shared_beginning(own[i], other));
    if (shared >= own[i].size()) continue;  // it is the other side's, whole
    auto telling = after(own[i], shared, harmful);
    const auto otherwise = after(own[i], shared, others);
    for (const auto& [word, count] : otherwise) telling.erase(word);
    if (telling.empty()) continue;
    const int64_t end = answers.answer_start[int64_t(i)].item<int64_t>() + int64_t(shared);
    begun.push_back(part_of(answers.batch.tokens, int64_t(i), 0, end));
    prompt_last.push_back(end - 1 - int64_t(shared));
    last.push_back(end - 1);
    next.push_back(own[i][shared]);
    instead.push_back(commonest(are_harmful ? otherwise : after(own[i], shared, harmful)));
    words.push_back(at::zeros({vocab}, at::kBool));
    for (const auto& [word, count] : telling) words.back()[word] = true;
  }
  if (begun.empty()) return {Batch{at::zeros({0, 1}, at::kLong), at::zeros({0, 1}, at::kBool)}, at::zeros({0}, at::kLong), at::zeros({0}, at::kLong), at::zeros({0}, at::kLong), at::zeros({0}, at::kLong), at::zeros({0, vocab}, at::kBool)};
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

OtherRows other_rows(Corner<Repair>& corner, const Site& site) {
  const auto& examples = corner.offer();
  const auto rows = [&](const Batch& batch, const Answers* but_before) {
    auto stays = batch.valid & at::constant_pad_nd(batch.valid.slice(1, 1), {0, 1});  // a token, and one after it
    if (but_before) stays = stays.scatter(1, (but_before->answer_start - 1).unsqueeze(1), false);
    return corner.model().activations(batch, site).index({stays});
  };
  return {rows(examples.refused.batch, &examples.refused), rows(examples.harmless.batch, nullptr), rows(examples.retained, nullptr)};
}

Partings harmful_partings(const Examples& examples, int64_t vocab) {
  return partings_of(examples.harmful, answers_in(examples.harmful), joined(answers_in(examples.refused), answers_in(examples.harmless)), true, vocab);
}

Partings harmless_partings(const Examples& examples, int64_t vocab) {
  return partings_of(examples.harmless, answers_in(examples.harmful), joined(answers_in(examples.refused), answers_in(examples.harmless)), false, vocab);
}

Partings rows_of(const Partings& p, const at::Tensor& rows) {
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

}  // namespace fairfight
