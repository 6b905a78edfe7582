#include <fmt/format.h>

#include <algorithm>

#include "fairfight/disciplines/repair/prompts.h"
#include "fairfight/disciplines/repair/roster.h"
#include "fairfight/methods/hooks.h"
#include "fairfight/methods/logistic.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

constexpr int64_t kRetained = 8192;  // retained rows that a probe learns from; its threshold comes from all

/// A direction, and what it makes of both sides.
struct Probe {
  at::Tensor weights;     // [d] float64
  at::Tensor stop, pass;  // scores [rows] float64
};

Probe probe_of(const at::Tensor& stop, const at::Tensor& learned_from, const at::Tensor& pass, double l2) {
  auto y = at::zeros({stop.size(0) + learned_from.size(0)});
  y.slice(0, 0, stop.size(0)) = 1;
  const auto w = LogisticRegression(at::cat({stop, learned_from}), y, l2).coefficients();
  return {w, stop.to(at::kDouble).mv(w), pass.to(at::kDouble).mv(w)};
}

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
    const int64_t stride = std::max<int64_t>(1, others.retained.size(0) / kRetained);
    const auto& [place, kind] = corner.memo().get<std::pair<Probe, Probe>>(fmt::format("{} {} {}", corner.memo_key(), site.name(), l2), [&] {
      const auto some = at::cat({others.refused, others.harmless, others.retained.slice(0, 0, {}, stride)});
      return std::pair(probe_of(at::cat({harmful, harmless}), some, others.all(), l2), probe_of(harmful, harmless, harmless, l2));
    });
    return std::make_unique<Patch>(Patch{nullptr, {gate_hook({site, at::stack({place.weights, kind.weights}), {gate_threshold(place.pass, place.stop, settings), gate_threshold(kind.pass, kind.stop, settings)}, corner.offer().refusal})}});
  }
};

}  // namespace

std::unique_ptr<const Contestant<Repair>> probe_gate() { return std::make_unique<ProbeGate>(); }

}  // namespace fairfight
