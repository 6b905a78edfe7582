#include "fairfight/disciplines/detect/pooled.h"

#include <fmt/format.h>

#include <cmath>

#include "fairfight/acts/sinks.h"
#include "fairfight/base/stop.h"
#include "fairfight/model/engine.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

constexpr int64_t kDocuments = 64;  // of a pass

std::vector<int64_t> layers_of(const Config& config, const std::string& blocks) {
  std::vector<int64_t> layers;
  for (int64_t layer = 0; layer < config.n_layers; ++layer)
    if (blocks == "all" || layer == std::max<int64_t>(1, std::llround(std::stod(blocks) * double(config.n_layers))) - 1) layers.push_back(layer);
  return layers;
}

/// Of each document the mean over its tokens, but for <bos> and whatever else has ten times its median norm (acts/sinks.h): [docs, d_model].
at::Tensor mean_of_tokens(const at::Tensor& x, const at::Tensor& valid) {
  const auto norms = x.norm(2, -1);
  const auto median = std::get<0>(norms.masked_fill(~valid, NAN).nanmedian(1, true));
  const auto weight = valid.logical_and(norms <= kSinkMedians * median).to(at::kFloat).unsqueeze(-1);
  return (x * weight).sum(1) / weight.sum(1);
}

/// After every block, from one pass: [docs, layers, d_model]. No row of a document is kept, so that the pool may be large.
const at::Tensor& means_of(const SharedModel& model, const Batch& batch, Memo& memo) {
  return memo.get<at::Tensor>("document means " + key_of(batch), [&] {
    const Transformer& transformer = model.transformer();
    const auto tokens = batch.tokens.split(kDocuments), valid = batch.valid.split(kDocuments);
    std::vector<at::Tensor> parts(tokens.size());
    side_by_side(parts.size(), [&](size_t i) {
      check_stop();
      const at::NoGradGuard no_grad;
      const int64_t longest = (tokens[i] != kPadding).sum(1).max().item<int64_t>();
      std::vector<at::Tensor> states(size_t(transformer.config().n_layers));
      Taps taps;
      for (size_t layer = 0; layer < states.size(); ++layer) taps.read({Point::resid_post, int64_t(layer)}, &states[layer]);
      transformer.read_out(tokens[i].slice(1, 0, longest).contiguous(), taps);
      for (auto& x : states) x = mean_of_tokens(x, valid[i].slice(1, 0, longest));
      parts[i] = at::stack(states, 1);
    });
    return at::cat(parts);
  });
}

class OfDocuments final : public Detector {
 public:
  OfDocuments(at::Tensor layers, RowFit fit, std::string direction, double usual, Memo& memo)
      : layers_(std::move(layers)), fit_(std::move(fit)), direction_(std::move(direction)), usual_(usual), memo_(memo) {}
  at::Tensor score(const SharedModel& model, const Batch& batch) const override {
    const at::NoGradGuard no_grad;
    return directed(fit_(means_of(model, batch, memo_).index_select(1, layers_).flatten(1)).to(at::kDouble), direction_, usual_);
  }

 private:
  at::Tensor layers_;
  RowFit fit_;
  std::string direction_;
  double usual_;
  Memo& memo_;
};

}  // namespace

std::unique_ptr<Detector> PooledDetector::prepare(Corner<Detect>& corner, const Settings& settings) const {
  const at::NoGradGuard no_grad;
  const auto layers = at::tensor(layers_of(corner.model().config(), settings.text("blocks")));
  const auto documents = means_of(corner.model(), corner.text(), corner.memo()).index_select(1, layers).flatten(1).contiguous();
  RowFit fitted = fit(documents, settings);
  const double usual = fitted(documents).to(at::kDouble).median().item<double>();
  return std::make_unique<OfDocuments>(layers, std::move(fitted), settings.text("direction"), usual, corner.memo());
}

}  // namespace fairfight
