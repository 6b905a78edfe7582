#include <algorithm>
#include <cmath>

#include "fairfight/dict/kernels.h"
#include "fairfight/dict/kind.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

/// TopK sparse autoencoder (Makhzani & Frey 2014; Gao et al. 2024).
class TopKSae final : public AtomDictionary {
 public:
  TopKSae(const TopKWeights& w, int64_t k)
      : AtomDictionary(w.decoder, w.b_dec), encoder_(w.encoder), bias_(w.bias), k_(k) {}
  explicit TopKSae(const Tensors& tensors)
      : AtomDictionary(tensors),
        encoder_(require_finite(tensors, "W_enc", w_dec().sizes())),
        bias_(require_finite(tensors, "b_enc", {width()})),
        k_(require_count(tensors, "k", 1, width())) {}

  std::string_view kind() const override { return "topk"; }
  Codes encode_any(const at::Tensor& x) const override { return encode_top_k(centered(x), encoder_, bias_, {k_}); }
  at::Tensor preactivations(const at::Tensor& x, const at::Tensor& latents = {}) const override {
    return at::addmm(rows_of(bias_, latents), x - b_dec(), rows_of(encoder_, latents).t());
  }

  Tensors parameters() const override {
    Tensors all = AtomDictionary::parameters();
    all["W_enc"] = encoder_;
    all["b_enc"] = bias_;
    all["k"] = at::scalar_tensor(k_, at::kLong);
    return all;
  }

 private:
  at::Tensor encoder_, bias_;
  int64_t k_;
};

std::unique_ptr<Dictionary> learn_topk(const Rows& rows, const DictionarySettings& settings, const Tick& tick,
                                       const Checkpoints& checkpoints, TrainingLog* log) {
  return std::make_unique<TopKSae>(train_top_k(rows, settings, tick, checkpoints, log), settings.k);
}

/// A row: the encoder's product, then decode, pulls and two gradients of k rows each. A step: 12 operations of Adam on each
/// weight. AuxK does as much for each dead latent that learns: as many as may, in every step that can know of any.
double topk_flops(const DictionarySettings& s, int64_t d_model, int64_t) {
  const double d = double(d_model), width = double(s.width), batch = double(s.batch), steps = double(s.steps());
  const double steps_without_dead = std::min(steps, std::ceil(double(s.dead_after()) / batch));
  const double learning = steps * double(s.k) + (steps - steps_without_dead) * double(s.aux_places(d_model));
  return steps * (batch * 2 * d * width + 24 * d * width) + batch * 8 * d * learning;
}

}  // namespace

extern const Kind kTopK{"topk", {"width", "k", "tokens", "batch", "lr", "aux_k", "aux_coefficient", "dead_after_tokens"}, learn_topk, rebuilt_as<TopKSae>, topk_flops};

}  // namespace fairfight
