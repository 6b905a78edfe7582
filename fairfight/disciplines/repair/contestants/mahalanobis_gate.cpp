#include <fmt/format.h>

#include <algorithm>

#include "fairfight/disciplines/repair/prompts.h"
#include "fairfight/disciplines/repair/roster.h"
#include "fairfight/methods/covariance.h"
#include "fairfight/methods/hooks.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

constexpr int64_t kFewest = 16;

struct Fitted {
  Probe place;
  Beyond usual;              // its radius is chosen by settings
  at::Tensor stop, pass;     // squared distances [rows] float64
};

/// Needs no example of the behaviour: a prompt whose end is unlike those of harmless prompts is refused. What anomaly_fallback does with a dictionary.
class MahalanobisGate final : public Contestant<Repair> {
 public:
  std::string_view name() const override { return "mahalanobis_gate"; }
  std::string_view title() const override { return "Mahalanobis and refusal"; }
  std::string_view about() const override { return "the refusal at ends of prompts that lie further from those of harmless prompts, by their covariance, than a quantile of these"; }
  Role role() const override { return Role::baseline; }
  SiteUse site_use() const override { return SiteUse::none; }
  SearchSpace space() const override { return SearchSpace().hyperparameter("depth", kDepths, Ends::natural).log_uniform("l2", 1e-4, 1).hyperparameter("passed", {0.8, 0.9, 0.95, 0.98, 0.99, 1.0}, Ends::open_below).hyperparameter("margin", {0.0, 0.25, 0.5, 0.75, 1.0}, Ends::natural); }

  std::unique_ptr<Patch> prepare(Corner<Repair>& corner, const Settings& settings) const override {
    const Examples& examples = corner.offer();
    if (examples.harmless.documents() < kFewest) return std::make_unique<Patch>(Patch{nullptr, {}, "too few harmless prompts for a covariance"});
    const Site site = block_at(corner.model().config(), settings.number("depth"));
    const double l2 = settings.number("l2");
    const auto harmless = last_prompt_tokens(corner, examples.harmless, site);
    const auto harmful = examples.harmful.documents() > 0 ? last_prompt_tokens(corner, examples.harmful, site) : harmless.slice(0, 0, 0);
    const OtherRows others = other_rows(corner, site, false);
    const auto& fitted = corner.memo().get<Fitted>(fmt::format("{} {} {}", corner.memo_key(), site.name(), l2), [&] {
      const Mahalanobis half(ledoit_wolf(harmless.slice(0, 0, {}, 2)));  // rows that it has seen lie nearer than others: the radius comes from the other half
      return Fitted{probe_of_ends(at::cat({harmful, harmless}), others, l2), {half.mean(), half.root(), 0}, half.distances(harmful), half.distances(harmless.slice(0, 1, {}, 2))};
    });
    Beyond beyond = fitted.usual;
    beyond.radius = fitted.stop.numel() > 0 ? gate_threshold(fitted.pass, fitted.stop, settings) : at::quantile(fitted.pass, settings.number("passed")).item<double>();
    const double end = std::max(at::quantile(fitted.place.stop, 0.01).item<double>(), at::quantile(fitted.place.pass, 0.999).item<double>());  // what looks like one
    return std::make_unique<Patch>(Patch{nullptr, {gate_hook({site, fitted.place.weights.unsqueeze(0), {end}, examples.refusal, beyond})}});
  }
};

}  // namespace

std::unique_ptr<const Contestant<Repair>> mahalanobis_gate() { return std::make_unique<MahalanobisGate>(); }

}  // namespace fairfight
