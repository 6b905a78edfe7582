#include "fairfight/model/decoder.h"

#include <algorithm>

#include "fairfight/base/error.h"
#include "fairfight/model/batch.h"
#include "fairfight/model/pass.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

constexpr size_t kTokensAtOnce = 8192;  // of the texts that it begins with

}  // namespace

Cache::Cache(const Config& c, int64_t texts, int64_t capacity) {
  const auto empty = [&] { return at::zeros({texts, capacity, c.n_kv_heads, c.d_head}, at::kFloat); };
  for (int64_t layer = 0; layer < c.n_layers; ++layer) layers.push_back({empty(), empty()});
}

Decoder::Decoder(const Transformer& model, std::vector<std::vector<int32_t>> texts, int64_t capacity, const Hooks& hooks)
    : model_(model), texts_(std::move(texts)), attached_(hooks, model.config()), cache_(model.config(), int64_t(texts_.size()), capacity) {
  const at::NoGradGuard no_grad;
  if (capacity > model.config().n_ctx) fail("[decoder] got room for {} tokens, expected at most the model's context of {}", capacity, model.config().n_ctx);
  for (const auto& text : texts_)
    if (text.empty() || int64_t(text.size()) > capacity) fail("[decoder] got a text of {} tokens, expected 1 to {}", text.size(), capacity);
  std::vector<at::Tensor> logits;
  for (size_t from = 0, to; from < texts_.size(); from = to) {
    size_t longest = 0;
    for (to = from; to < texts_.size(); ++to) {
      longest = std::max(longest, texts_[to].size());
      if (to > from && longest * (to - from + 1) > kTokensAtOnce) break;
    }
    logits.push_back(begin(int64_t(from), int64_t(to - from)));
  }
  first_ = at::cat(logits);
}

at::Tensor Decoder::begin(int64_t first, int64_t count) {
  const std::vector<std::vector<int32_t>> texts(texts_.begin() + first, texts_.begin() + first + count);
  return read(Chunk::whole(pad(texts).tokens, first));
}

at::Tensor Decoder::read(const Chunk& chunk) {
  ReadOut said = Pass(model_.config(), model_.weights(), Precision::float32, attached_.taps(), false).extend(chunk, cache_);
  attached_.finish(said, chunk, chunk.last());
  return said.logits().squeeze(1);
}

/// Than a text that is a token shorter.
bool Decoder::turns_otherwise(int64_t length) const {
  const Config& c = model_.config();
  const auto changes = [&](const Rope& rope) {
    return hang_on_length(rope) && frequencies(rope, c.d_head, length) != frequencies(rope, c.d_head, length - 1);
  };
  return c.positions == Config::Positions::rotary && (changes(c.rope) || (c.local_rope && changes(*c.local_rope)));
}

at::Tensor Decoder::extend(const std::vector<int64_t>& which, const std::vector<int32_t>& tokens) {
  const at::NoGradGuard no_grad;
  std::vector<int64_t> kept, past, ids, places;  // places: of the kept ones in `which`
  std::vector<at::Tensor> logits(which.size());
  for (size_t i = 0; i < which.size(); ++i) {
    auto& text = texts_.at(size_t(which[i]));
    if (int64_t(text.size()) >= cache_.layers[0].k.size(1)) fail("[decoder] got a token more than the {} that there is room for", text.size());
    text.push_back(tokens[i]);
    if (turns_otherwise(int64_t(text.size()))) {
      logits[i] = begin(which[i], 1)[0];
    } else {
      kept.push_back(which[i]);
      past.push_back(int64_t(text.size()) - 1);
      ids.push_back(tokens[i]);
      places.push_back(int64_t(i));
    }
  }
  if (kept.empty()) return at::stack(logits);
  const auto stepped = read({at::tensor(ids, at::kLong).unsqueeze(1), kept, past});
  if (kept.size() == which.size()) return stepped;
  for (size_t i = 0; i < kept.size(); ++i) logits[size_t(places[i])] = stepped[int64_t(i)];
  return at::stack(logits);
}

}  // namespace fairfight
