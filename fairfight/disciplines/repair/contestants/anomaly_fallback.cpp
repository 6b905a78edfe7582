#include "fairfight/disciplines/repair/prompts.h"
#include "fairfight/disciplines/repair/roster.h"
#include "fairfight/methods/hooks.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

/// Needs no example of the behaviour: what is so unusual that the dictionary reconstructs it badly, the model shall not see.
class AnomalyFallback final : public Contestant<Repair> {
 public:
  std::string_view name() const override { return "anomaly_fallback"; }
  std::string_view title() const override { return "anomaly-gated fallback"; }
  std::string_view about() const override { return "x̂ in x's place where ‖x − x̂‖² exceeds a quantile of ordinary text; needs no example"; }
  Role role() const override { return Role::challenger; }
  SearchSpace space() const override { return SearchSpace().hyperparameter("quantile", {0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 1.0}, Ends::open_below); }

  std::unique_ptr<Patch> prepare(Corner<Repair>& corner, const Settings& settings) const override {
    const Batch& retained = corner.offer().retained;
    const auto x = corner.model().activations(retained, corner.site()).flatten(0, 1).index({retained.valid.flatten()});
    const auto& error = corner.memo().get<at::Tensor>(corner.basis() + " retained error", [&] {
      std::vector<at::Tensor> pieces;
      for (const auto& slice : x.split(8192)) pieces.push_back((slice - corner.dictionary()->reconstruct(slice)).square().sum(1).to(at::kDouble));
      return at::cat(pieces);
    });
    const double threshold = at::quantile(error, settings.number("quantile")).item<double>();
    return std::make_unique<Patch>(Patch{nullptr, {fallback_hook(corner.dictionary(), corner.site(), threshold)}});
  }
};

}  // namespace

std::unique_ptr<const Contestant<Repair>> anomaly_fallback() { return std::make_unique<AnomalyFallback>(); }

}  // namespace fairfight
