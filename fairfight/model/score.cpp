#include "fairfight/model/score.h"

#include <algorithm>

#include "fairfight/base/error.h"
#include "fairfight/base/stop.h"
#include "fairfight/model/batch.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

constexpr int64_t kTokensAtOnce = 8192;

/// A piece of a text that is read at once; its tokens from `fresh` on are the ones that it scores.
struct Window {
  size_t text;
  int64_t begin, end, fresh;
  int64_t size() const { return end - begin; }
};

std::vector<Window> windows_of(const std::vector<std::vector<int32_t>>& texts, int64_t n_ctx, int64_t stride) {
  std::vector<Window> windows;
  for (size_t t = 0; t < texts.size(); ++t) {
    const auto size = int64_t(texts[t].size());
    for (int64_t begin = 0, fresh = 1; fresh < size; begin += stride) {
      const int64_t end = std::min(begin + n_ctx, size);
      windows.push_back({t, begin, end, fresh});
      fresh = end;
    }
  }
  return windows;
}

}  // namespace

std::vector<std::vector<float>> log_probabilities(const std::function<ReadOut(const at::Tensor&)>& said, const Config& c,
                                                  const std::vector<std::vector<int32_t>>& texts, int64_t stride) {
  if (stride < 1 || stride >= c.n_ctx) fail("[score] got a stride of {} tokens, expected 1 to {}, less than the model's context", stride, c.n_ctx - 1);
  const at::NoGradGuard no_grad;
  std::vector<std::vector<float>> scores;
  for (const auto& text : texts) scores.emplace_back(text.empty() ? 0 : text.size() - 1);
  auto windows = windows_of(texts, c.n_ctx, stride);
  std::stable_sort(windows.begin(), windows.end(), [](const Window& a, const Window& b) { return a.size() > b.size(); });
  for (size_t from = 0, to; from < windows.size(); from = to) {
    check_stop();
    const int64_t longest = windows[from].size();
    std::vector<std::vector<int32_t>> pieces;
    for (to = from; to < windows.size(); ++to) {
      const Window& w = windows[to];
      if (to > from && int64_t(to - from + 1) * longest > kTokensAtOnce) break;
      pieces.emplace_back(texts[w.text].begin() + w.begin, texts[w.text].begin() + w.end);
    }
    auto targets = at::full({int64_t(pieces.size()), longest}, -1, at::kLong);
    const auto each_scored = [&](auto visit) {  // a window's token, and the place whose logits speak of it
      for (size_t i = 0; i < pieces.size(); ++i) {
        const Window& w = windows[from + i];
        for (int64_t at = w.fresh; at < w.end; ++at) visit(w.text, size_t(at), int64_t(i) * longest + at - 1 - w.begin);
      }
    };
    each_scored([&](size_t text, size_t at, int64_t place) { targets.data_ptr<int64_t>()[place] = texts[text][at]; });
    const auto found = said(pad(pieces).tokens).log_probabilities(targets);
    each_scored([&](size_t text, size_t at, int64_t place) { scores[text][at - 1] = found.data_ptr<float>()[place]; });
  }
  return scores;
}

}  // namespace fairfight
