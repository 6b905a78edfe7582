#include <fmt/format.h>

#include "fairfight/disciplines/repair/prompts.h"
#include "fairfight/disciplines/repair/roster.h"
#include "fairfight/methods/hooks.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

/// What dynamic guardrails made of dictionary features are as well (Muhamed et al. 2025), without a dictionary: one probe tells where an answer of the kind begins, the other
/// whether it will be a harmful one.
class ProbeGate final : public Contestant<Repair> {
 public:
  std::string_view name() const override { return "probe_gate"; }
  std::string_view title() const override { return "probes and refusal"; }
  std::string_view about() const override {
    return "two logistic regressions after one block, of the prompts' ends against all other text and of the harmful ones against the harmless; where both exceed a threshold, the refusal";
  }
  Role role() const override { return Role::baseline; }
  SiteUse site_use() const override { return SiteUse::none; }
  SearchSpace space() const override { return SearchSpace().hyperparameter("depth", kDepths, Ends::natural).log_uniform("l2", 1e-4, 1).hyperparameter("passed", {0.95, 0.98, 0.99, 0.999}, Ends::open_below).hyperparameter("margin", {0.0, 0.25, 0.5, 0.75, 1.0}, Ends::natural); }

  std::unique_ptr<Patch> prepare(Corner<Repair>& corner, const Settings& settings) const override {
    if (corner.offer().harmful.documents() == 0 || corner.offer().harmless.documents() == 0) return std::make_unique<Patch>();
    const Site site = block_at(corner.model().config(), settings.number("depth"));
    const double l2 = settings.number("l2");
    const auto harmful = last_prompt_tokens(corner, corner.offer().harmful, site), harmless = last_prompt_tokens(corner, corner.offer().harmless, site);
    const OtherRows others = other_rows(corner, site, false);
    const auto& [place, kind] = corner.memo().get<std::pair<Probe, Probe>>(fmt::format("{} {} {}", corner.memo_key(), site.name(), l2), [&] {
      return std::pair(probe_of_ends(at::cat({harmful, harmless}), others, l2), probe_of(harmful, harmless, harmless, l2));
    });
    return std::make_unique<Patch>(Patch{nullptr, {gate_hook({site, at::stack({place.weights, kind.weights}), {gate_threshold(place.pass, place.stop, settings), gate_threshold(kind.pass, kind.stop, settings)}, corner.offer().refusal})}});
  }
};

}  // namespace

std::unique_ptr<const Contestant<Repair>> probe_gate() { return std::make_unique<ProbeGate>(); }

}  // namespace fairfight
