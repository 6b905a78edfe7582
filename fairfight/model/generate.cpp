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

std::vector<std::vector<int32_t>> generate(const std::function<at::Tensor(const at::Tensor&)>& logits_of, int64_t n_ctx,
                                           std::vector<std::vector<int32_t>> texts, int64_t tokens, double temperature,
                                           const std::vector<int64_t>& stops, Random random) {
  if (!(temperature >= 0)) fail("[generate] got temperature {}, expected 0 or more", temperature);
  at::NoGradGuard no_grad;
  std::vector<bool> done(texts.size(), false);
  for (const auto& text : texts) {
    if (text.empty()) fail("[generate] a prompt is empty; begin it with <bos>");
    if (int64_t(text.size()) > n_ctx)
      fail("[generate] got a prompt of {} tokens, expected at most the model's context of {}", text.size(), n_ctx);
  }
  for (int64_t i = 0; i < tokens && !std::all_of(done.begin(), done.end(), [](bool d) { return d; }); ++i) {
    check_stop();
    const auto logits = logits_of(pad(texts, 0).tokens);
    for (size_t t = 0; t < texts.size(); ++t) {
      if (done[t]) continue;
      texts[t].push_back(choose(logits[int64_t(t)][int64_t(texts[t].size()) - 1], temperature, random));
      const bool ended = std::find(stops.begin(), stops.end(), texts[t].back()) != stops.end();
      done[t] = ended || int64_t(texts[t].size()) >= n_ctx;
    }
  }
  return texts;
}

std::vector<std::vector<int32_t>> generate(const Transformer& model, std::vector<std::vector<int32_t>> prompts, int64_t tokens,
                                           double temperature, const std::vector<int64_t>& stops, Random random, const Taps& taps) {
  return generate([&](const at::Tensor& t) { return model.logits(t, taps); }, model.config().n_ctx, std::move(prompts), tokens, temperature, stops,
                  std::move(random));
}

}  // namespace fairfight
