#include "fairfight/exam/retained.h"

#include "fairfight/base/stop.h"
#include "fairfight/exam/slices.h"
#include "fairfight/model/batch.h"
#include "fairfight/model/torch.h"

namespace fairfight {

RetainedText::RetainedText(std::vector<Text> texts) {
  for (const auto& part : slices_of(std::move(texts), [](const Text& t) { return t.tokens.size(); })) {
    std::vector<Tokens> documents;
    for (const auto& t : part) documents.push_back(t.tokens);
    const Batch batch = pad(documents);
    Slice slice{batch.tokens, batch.valid.clone()};
    for (size_t i = 0; i < part.size(); ++i)
      slice.counted[int64_t(i)].slice(0, int64_t(part[i].skip_from), int64_t(part[i].skip_to)).fill_(false);
    slices_.push_back(std::move(slice));
  }
}

double RetainedText::cross_entropy(const Answering& model) const {
  at::NoGradGuard no_grad;
  double sum = 0, tokens = 0;
  for (const auto& slice : slices_) {
    check_stop();
    const auto log_p = token_log_probabilities(model(slice.tokens, {}), slice.tokens).to(at::kDouble);
    sum -= log_p.masked_select(slice.counted).sum().item<double>();
    tokens += slice.counted.sum().item<double>();
  }
  return sum / tokens;
}

std::vector<at::Tensor> RetainedText::tokens() const { return tokens_of(slices_); }

}  // namespace fairfight
