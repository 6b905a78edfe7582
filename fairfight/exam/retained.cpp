#include "fairfight/exam/retained.h"

#include <numeric>

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

double RetainedText::Read::cross_entropy() const {
  return std::accumulate(nats.begin(), nats.end(), 0.0) / std::accumulate(tokens.begin(), tokens.end(), 0.0);
}

RetainedText::Read RetainedText::read(const Answering& model) const {
  at::NoGradGuard no_grad;
  Read read;
  const auto add = [](std::vector<double>& list, const at::Tensor& by_text) {
    const auto values = by_text.to(at::kDouble).contiguous();
    list.insert(list.end(), values.data_ptr<double>(), values.data_ptr<double>() + values.numel());
  };
  for (const auto& slice : slices_) {
    check_stop();
    const auto log_p = token_log_probabilities(model(slice.tokens, {}), slice.tokens).to(at::kDouble);
    add(read.nats, -log_p.masked_fill(slice.counted.logical_not(), 0).sum(1));
    add(read.tokens, slice.counted.sum(1));
  }
  return read;
}

std::vector<at::Tensor> RetainedText::tokens() const { return tokens_of(slices_); }

}  // namespace fairfight
