#include "fairfight/model/generate.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "fairfight/base/error.h"
#include "fairfight/base/not_finite.h"
#include "fairfight/base/stop.h"
#include "fairfight/model/batch.h"
#include "fairfight/model/decoder.h"
#include "fairfight/model/kernels.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

using Texts = std::vector<std::vector<int32_t>>;

void check(const Texts& prompts, int64_t n_ctx, const Sampling& s) {
  if (!(s.temperature >= 0)) fail("[generate] got temperature {}, expected 0 or more", s.temperature);
  if (s.top_k < 0) fail("[generate] got top_k {}, expected 0 (all) or more", s.top_k);
  if (!(s.top_p >= 0 && s.top_p <= 1)) fail("[generate] got top_p {}, expected 0 to 1", s.top_p);
  for (const auto& prompt : prompts) {
    if (prompt.empty()) fail("[generate] a prompt is empty; begin it with <bos>");
    if (int64_t(prompt.size()) > n_ctx)
      fail("[generate] got a prompt of {} tokens, expected at most the model's context of {}", prompt.size(), n_ctx);
  }
}

/// `logits_of(active)` gives what follows the texts that still grow, [active, vocab]; `append(active, tokens)` lets them grow.
template <class LogitsOf, class Append>
void grow(Texts& texts, int64_t n_ctx, int64_t tokens, const Sampling& sampling, const std::vector<int64_t>& stops, Random& random,
          LogitsOf logits_of, Append append) {
  std::vector<int64_t> active(texts.size());
  std::iota(active.begin(), active.end(), 0);
  std::vector<Random> streams;  // each text's own: when another ends changes nothing of it
  if (sampling.temperature > 0)
    for (size_t i = 0; i < texts.size(); ++i) streams.emplace_back(random.next(), "generate");
  for (int64_t i = 0; i < tokens && !active.empty(); ++i) {
    check_stop();
    const at::Tensor logits = logits_of(active);
    if (!all_finite(logits.contiguous())) throw NotFinite("[generate] a logit is a NaN or an infinity, expected numbers; the model's weights overflow");
    std::vector<int32_t> chosen;
    const auto best = sampling.temperature == 0 ? logits.argmax(-1) : at::Tensor();
    for (int64_t row = 0; row < int64_t(active.size()); ++row)
      chosen.push_back(best.defined() ? int32_t(best[row].item<int64_t>()) : int32_t(streams[size_t(active[size_t(row)])].pick(probabilities(logits[row], sampling))));
    std::vector<int64_t> growing;
    std::vector<int32_t> last;
    for (size_t row = 0; row < active.size(); ++row) {
      auto& text = texts[size_t(active[row])];
      text.push_back(chosen[row]);
      if (std::find(stops.begin(), stops.end(), chosen[row]) != stops.end() || int64_t(text.size()) >= n_ctx) continue;
      growing.push_back(active[row]);
      last.push_back(chosen[row]);
    }
    active = std::move(growing);
    if (i + 1 < tokens) append(active, last);
  }
}

}  // namespace

std::vector<double> probabilities(const at::Tensor& logits_in, const Sampling& s) {
  const auto logits = logits_in.to(at::kDouble).contiguous();
  std::vector<double> p(logits.data_ptr<double>(), logits.data_ptr<double>() + logits.numel());
  const double highest = *std::max_element(p.begin(), p.end());
  if (s.temperature == 0) {
    const auto first = std::find(p.begin(), p.end(), highest);
    for (auto i = p.begin(); i != p.end(); ++i) *i = i == first;
    return p;
  }
  if (s.top_k > 0 && s.top_k < int64_t(p.size())) {
    auto sorted = p;
    std::nth_element(sorted.begin(), sorted.begin() + s.top_k - 1, sorted.end(), std::greater<>());
    for (auto& x : p)
      if (x < sorted[size_t(s.top_k - 1)]) x = -INFINITY;
  }
  double sum = 0;
  for (auto& x : p) sum += x = std::exp((x - highest) / s.temperature);
  for (auto& x : p) x /= sum;
  if (s.top_p == 1) return p;
  std::vector<size_t> order(p.size());
  std::iota(order.begin(), order.end(), size_t(0));
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return p[a] > p[b]; });
  double before = 0, kept = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    double& x = p[order[i]];
    const bool stays = i == 0 || before < s.top_p;
    before += x;
    if (stays) kept += x;
    else x = 0;
  }
  for (auto& x : p) x /= kept;
  return p;
}

Texts generate(const Transformer& model, Texts prompts, int64_t tokens, const Sampling& sampling, const std::vector<int64_t>& stops, Random random,
               const Hooks& hooks) {
  const int64_t n_ctx = model.config().n_ctx;
  check(prompts, n_ctx, sampling);
  if (prompts.empty() || tokens < 1) return prompts;
  const at::NoGradGuard no_grad;
  size_t longest = 0;
  for (const auto& prompt : prompts) longest = std::max(longest, prompt.size());
  Decoder decoder(model, prompts, std::min(n_ctx, int64_t(longest) + tokens), hooks);
  at::Tensor logits = decoder.first_logits();
  grow(
      prompts, n_ctx, tokens, sampling, stops, random, [&](const std::vector<int64_t>&) { return logits; },
      [&](const std::vector<int64_t>& active, const std::vector<int32_t>& last) {
        if (!active.empty()) logits = decoder.extend(active, last);
      });
  return prompts;
}

Texts generate(const std::function<ReadOut(const at::Tensor&)>& said, int64_t n_ctx, Texts prompts, int64_t tokens, const Sampling& sampling,
               const std::vector<int64_t>& stops, Random random) {
  check(prompts, n_ctx, sampling);
  const at::NoGradGuard no_grad;
  grow(
      prompts, n_ctx, tokens, sampling, stops, random,
      [&](const std::vector<int64_t>& active) {
        Texts texts;
        for (const int64_t i : active) texts.push_back(prompts[size_t(i)]);
        const auto tokens = pad(texts).tokens;
        std::vector<int64_t> last;
        for (size_t i = 0; i < texts.size(); ++i) last.push_back(int64_t(i) * tokens.size(1) + int64_t(texts[i].size()) - 1);
        return said(tokens).at(at::tensor(last, at::kLong)).logits();
      },
      [](const std::vector<int64_t>&, const std::vector<int32_t>&) {});
  return prompts;
}

Texts generate(const Transformer& model, Texts prompts, int64_t tokens, const Sampling& sampling, const std::vector<int64_t>& stops, Random random,
               const Taps& taps) {
  return generate([&](const at::Tensor& t) { return model.read_out(t, taps); }, model.config().n_ctx, std::move(prompts), tokens, sampling, stops,
                  random);
}

}  // namespace fairfight
