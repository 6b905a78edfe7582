#include "fairfight/disciplines/repair/prompts.h"

#include <algorithm>
#include <cmath>

#include "fairfight/methods/directions.h"
#include "fairfight/model/torch.h"

namespace fairfight {

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

std::vector<int32_t> first_words(const Answers& answers) {
  const auto first = answers.batch.tokens.gather(1, answers.answer_start.unsqueeze(1)).contiguous();
  std::vector<int32_t> words(first.data_ptr<int64_t>(), first.data_ptr<int64_t>() + first.numel());
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  return words;
}

}  // namespace fairfight
