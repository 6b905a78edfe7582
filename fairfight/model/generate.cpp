#include "fairfight/model/generate.h"

#include <algorithm>

#include "fairfight/base/error.h"
#include "fairfight/base/stop.h"
#include "fairfight/model/batch.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

int32_t choose(const at::Tensor& logits, double temperature, Random& random) {
  if (temperature == 0) return int32_t(logits.argmax().item<int64_t>());
  const auto p = (logits.to(at::kDouble) / temperature).softmax(0).contiguous();
  return int32_t(random.pick({p.data_ptr<double>(), size_t(p.numel())}));
}

}  // namespace

std::vector<std::vector<int32_t>> generate(const Transformer& model, std::vector<std::vector<int32_t>> texts, int64_t tokens,
                                           double temperature, const std::vector<int64_t>& stops, Random random, const Taps& taps) {
  if (temperature < 0) fail("[generate] got temperature {}, expected 0 or more", temperature);
  at::NoGradGuard no_grad;
  std::vector<bool> done(texts.size(), false);
  for (const auto& text : texts)
    if (text.empty()) fail("[generate] a prompt is empty; begin it with <bos>");
  for (int64_t i = 0; i < tokens && !std::all_of(done.begin(), done.end(), [](bool d) { return d; }); ++i) {
    check_stop();
    const auto logits = model.logits(pad(texts, 0).tokens, taps);
    for (size_t t = 0; t < texts.size(); ++t) {
      if (done[t]) continue;
      texts[t].push_back(choose(logits[int64_t(t)][int64_t(texts[t].size()) - 1], temperature, random));
      const bool ended = std::find(stops.begin(), stops.end(), texts[t].back()) != stops.end();
      done[t] = ended || int64_t(texts[t].size()) >= model.config().n_ctx;
    }
  }
  return texts;
}

}  // namespace fairfight
