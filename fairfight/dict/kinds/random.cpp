#include "fairfight/base/error.h"
#include "fairfight/base/stop.h"
#include "fairfight/dict/kernels.h"
#include "fairfight/dict/kind.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

constexpr int64_t kCalibrationRows = 8192;
constexpr int64_t kTileFloats = 4 << 20;

/// Random unit w_dec. A latent fires where its projection exceeds its own threshold, which it does on k / width of the
/// calibration rows, so that the mean L0 is k; its value is scale * projection with the one scale that minimises the squared
/// error there (many correlated w_dec would overshoot otherwise). Of tokens so many rows are read for the mean.
class RandomBasis final : public AtomDictionary {
 public:
  RandomBasis(at::Tensor w_dec, at::Tensor b_dec, at::Tensor threshold, double scale)
      : AtomDictionary(w_dec, b_dec), threshold_(threshold), scale_(scale) {}
  explicit RandomBasis(const Tensors& tensors)
      : AtomDictionary(tensors),
        threshold_(require_finite(tensors, "threshold", {width()})),
        scale_(require_finite(tensors, "scale", {}).item<double>()) {}

  std::string_view kind() const override { return "random"; }

  Codes encode_any(const at::Tensor& x_raw) const override {
    const auto x = centered(x_raw);
    const int64_t tile = std::max<int64_t>(1, kTileFloats / width());
    std::vector<Codes> parts;
    int64_t most = 1;
    for (int64_t r = 0; r < x.size(0); r += tile) {
      parts.push_back(encode_tile(x.narrow(0, r, std::min(tile, x.size(0) - r))));
      most = std::max(most, parts.back().values.size(1));
    }
    return join(parts, most);
  }

  Tensors parameters() const override {
    Tensors all = AtomDictionary::parameters();
    all["threshold"] = threshold_;
    all["scale"] = at::scalar_tensor(scale_, at::kFloat);
    return all;
  }

 private:
  Codes encode_tile(const at::Tensor& x) const {
    const auto projections = x.mm(w_dec().t());
    const auto active = projections > threshold_;
    const int64_t most = std::max<int64_t>(1, active.sum(1).max().item<int64_t>());
    Codes codes = top_k(projections.masked_fill(active.logical_not(), -INFINITY), most);
    codes.values *= scale_;
    return codes;
  }

  Codes join(const std::vector<Codes>& parts, int64_t most) const {
    std::vector<at::Tensor> values{at::empty({0, most})}, indices{at::empty({0, most}, at::kInt)};
    for (const auto& part : parts) {
      const int64_t missing = most - part.values.size(1);
      values.push_back(at::constant_pad_nd(part.values, {0, missing}));
      indices.push_back(at::constant_pad_nd(part.indices, {0, missing}));
    }
    return {at::cat(values), at::cat(indices), width()};
  }

  at::Tensor threshold_;
  double scale_;
};

/// Per latent the value that exactly `firings` of the rows exceed (but for ties).
at::Tensor thresholds(const at::Tensor& x, const at::Tensor& w_dec, int64_t firings) {
  const int64_t block = std::max<int64_t>(1, kTileFloats / x.size(0));
  std::vector<at::Tensor> parts;
  for (int64_t j = 0; j < w_dec.size(0); j += block) {
    const auto projections = w_dec.narrow(0, j, std::min(block, w_dec.size(0) - j)).mm(x.t());
    parts.push_back(top_k(projections, firings + 1).values.amin({1}));
    check_stop();
  }
  return at::cat(parts);
}

std::unique_ptr<Dictionary> learn_random(const Rows& rows, const DictionarySettings& s, const Tick& tick,
                                         const Checkpoints&, TrainingLog*) {
  const auto b_dec = mean_row(rows, s);
  const auto w_dec = random_unit_rows(s.width, rows.d_model(), Random(s.seed, "dictionary/random"));
  const auto raw = sample_rows(rows, kCalibrationRows), x = raw - b_dec;
  if (x.size(0) < 2) fail("[dictionary] random: got {} row, expected at least 2 to set thresholds", x.size(0));
  const double rate = double(s.k) / double(s.width);
  const int64_t firings = std::clamp<int64_t>(std::llround(rate * double(x.size(0))), 1, x.size(0) - 1);
  const auto threshold = thresholds(x, w_dec, firings);
  const auto y = RandomBasis(w_dec, b_dec, threshold, 1).reconstruct(raw) - b_dec;
  const double along = (x * y).sum(at::kDouble).item<double>(), squares = y.square().sum(at::kDouble).item<double>();
  tick(1, "calibrated");
  return std::make_unique<RandomBasis>(w_dec, b_dec, threshold, squares > 0 ? along / squares : 1);
}

double random_flops(const DictionarySettings& s, int64_t d_model, int64_t rows) {
  return 4 * double(s.width) * double(d_model) * double(std::min(rows, kCalibrationRows));
}

}  // namespace

extern const Kind kRandom{"random", {"width", "k", "tokens"}, learn_random, rebuilt_as<RandomBasis>, random_flops};

}  // namespace fairfight
