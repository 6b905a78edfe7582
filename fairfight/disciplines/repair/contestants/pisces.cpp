#include "fairfight/disciplines/repair/features.h"
#include "fairfight/disciplines/repair/roster.h"
#include "fairfight/methods/signed_features.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

/// What a unit along each chosen signed feature looks like to the encoder of a vector v: the part of v that it would read. [n, neurons]
at::Tensor readings(const Dictionary& dictionary, const at::Tensor& features, const at::Tensor& vectors) {
  const auto zero = dictionary.preactivations(dictionary.b_dec().unsqueeze(0));
  const auto response = dictionary.preactivations(vectors + dictionary.b_dec()) - zero;  // [neurons, width]: linear in the vector
  const auto sign = at::where(features < dictionary.width(), at::ones_like(features), -at::ones_like(features)).to(at::kFloat);
  return response.index_select(1, features.remainder(dictionary.width())).t() * sign.unsqueeze(1);
}

class Pisces final : public FeatureRepair {
 public:
  std::string_view name() const override { return "pisces"; }
  std::string_view title() const override { return "PISCES"; }
  std::string_view about() const override {
    return "neurons whose output a chosen feature reads at > tau of the strongest one: that part of their output becomes -mu of it (Gur-Arieh et al. 2025)";
  }
  SearchSpace own_space() const override { return SearchSpace().log_uniform("tau", 0.03, 1).log_uniform("mu", 0.1, 5).hyperparameter("layers", {"last", "all"}); }

  std::unique_ptr<Patch> repair(Corner<Repair>& corner, const Settings& settings, const at::Tensor& features, const FeatureReport&) const override {
    const Dictionary& dictionary = *corner.dictionary();
    const Transformer& model = corner.model().transformer();
    Weights weights = model.weights().clone();
    const auto atoms = SignedFeatures::directions(dictionary, features);  // [n, d_model]
    const int64_t last = corner.site().layer, first = settings.text("layers") == "all" ? 0 : last;
    for (int64_t layer = first; layer <= last; ++layer) {
      auto& out = weights.blocks[size_t(layer)].out.w;  // [d_model, neurons]
      const auto read = readings(dictionary, features, out.t().contiguous());
      const auto strongest = read.abs().amax(1, true);
      const auto towards = read.abs() > strongest * settings.number("tau");
      // A neuron that writes along the feature shall write against it; what is against it already stays.
      const auto wanted = strongest * -settings.number("mu");
      const auto change = at::where(towards.logical_and(read > 0), wanted - read, at::zeros({}));  // [n, neurons]
      out = (out + atoms.t().matmul(change)).contiguous();
    }
    return std::make_unique<Patch>(Patch{std::make_shared<Transformer>(model.config(), std::move(weights)), {}});
  }
};

}  // namespace

std::unique_ptr<const Contestant<Repair>> pisces() { return std::make_unique<Pisces>(); }

}  // namespace fairfight
