#include "fairfight/methods/hooks/begun_refusal.h"

#include "fairfight/base/error.h"
#include "fairfight/model/torch.h"

namespace fairfight {

BegunRefusal::BegunRefusal(std::vector<int32_t> refusal) : tokens_(std::move(refusal)) {
  if (tokens_.empty()) fail("[gate_hook] the refusal is empty");
}

void BegunRefusal::check(const Config& config) const {
  for (const auto token : tokens_)
    if (token < 0 || token >= config.vocab) fail("[gate] got token {} in the refusal, the model has {}", token, config.vocab);
}

void BegunRefusal::Pass::say(ReadOut& said, const Chunk& chunk, const at::Tensor& selected, at::Tensor here) {
  const auto before = begun_.into(chunk);
  const int64_t pos = chunk.tokens.size(1);
  std::vector<at::Tensor> next;  // of each i, [batch, pos]
  for (size_t i = 0; i < tokens_.size(); ++i) {
    next.push_back(here);
    said.force(selected.defined() ? here.gather(1, selected) : here, tokens_[i]);
    here = at::cat({before.narrow(1, int64_t(i), 1), here.slice(1, 0, pos - 1)}, 1) & (chunk.tokens == tokens_[i]);
  }
  begun_.keep(chunk, at::stack(next, 2));
}

}  // namespace fairfight
