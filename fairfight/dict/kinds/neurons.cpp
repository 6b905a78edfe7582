#include "fairfight/dict/kernels.h"
#include "fairfight/dict/kind.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

/// The site's own basis: the k coordinates that differ most from their mean, with their exact values. The width is d_model; of
/// tokens so many rows are read for the mean.
class Neurons final : public AtomDictionary {
 public:
  Neurons(at::Tensor b_dec, int64_t k) : AtomDictionary(at::eye(b_dec.size(0)), b_dec), k_(std::min(k, b_dec.size(0))) {}
  explicit Neurons(const Tensors& tensors)
      : Neurons(require_finite(tensors, "b_dec", {-1}), require_count(tensors, "k", 1, INT32_MAX)) {}

  std::string_view kind() const override { return "neurons"; }

  Codes encode_any(const at::Tensor& x) const override {
    const auto difference = centered(x);
    Codes codes = top_k(difference.abs(), k_, 0);
    codes.values = difference.gather(1, codes.indices.to(at::kLong)) * (codes.values > 0);
    return codes;
  }

  Tensors parameters() const override { return {{"b_dec", b_dec()}, {"k", at::scalar_tensor(k_, at::kLong)}}; }

 private:
  int64_t k_;
};

std::unique_ptr<Dictionary> learn_neurons(const Rows& rows, const DictionarySettings& s, const Tick&, const Checkpoints&, TrainingLog*) {
  return std::make_unique<Neurons>(mean_row(rows, s), s.k);
}

double neurons_flops(const DictionarySettings& s, int64_t d_model, int64_t rows) {
  return double(d_model) * double(std::min(rows, s.tokens));
}

}  // namespace

extern const Kind kNeurons{"neurons", {"k", "tokens"}, learn_neurons, rebuilt_as<Neurons>, neurons_flops};

}  // namespace fairfight
