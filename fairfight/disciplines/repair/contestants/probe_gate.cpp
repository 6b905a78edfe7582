#include <fmt/format.h>

#include <algorithm>

#include "fairfight/disciplines/repair/prompts.h"
#include "fairfight/disciplines/repair/roster.h"
#include "fairfight/methods/hooks.h"
#include "fairfight/methods/logistic.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

constexpr int64_t kRetained = 8192;  // retained rows that the probe learns from; its threshold comes from all

/// A direction, and what it makes of both sides.
struct Probe {
  at::Tensor weights;          // [d] float64
  at::Tensor harmful, others;  // scores [rows] float64
};

/// What dynamic guardrails made of dictionary features are as well (Muhamed et al. 2025), without a dictionary.
class ProbeGate final : public Contestant<Repair> {
 public:
  std::string_view name() const override { return "probe_gate"; }
  std::string_view title() const override { return "probe and refusal"; }
  std::string_view about() const override {
    return "logistic regression of harmful prompts' last tokens against all other text after one block; where it exceeds a threshold, the refusal";
  }
  Role role() const override { return Role::baseline; }
  SiteUse site_use() const override { return SiteUse::none; }
  SearchSpace space() const override {
    return SearchSpace().hyperparameter("depth", {0.5, 0.75, 1.0}).hyperparameter("l2", {1e-3, 1e-2}).hyperparameter("passed", {0.999, 1.0}).hyperparameter("margin", {0.0, 0.5});
  }

  std::unique_ptr<Patch> prepare(Corner<Repair>& corner, const Settings& settings) const override {
    const Site site = block_at(corner.model().config(), settings.number("depth"));
    const Probe probe = fit(corner, site, settings.number("l2"));
    const double threshold = gate_threshold(probe.harmful, probe.others, settings);
    return std::make_unique<Patch>(Patch{nullptr, {gate_hook({site, probe.weights, threshold, corner.offer().refusal})}});
  }

 private:
  static Probe fit(Corner<Repair>& corner, const Site& site, double l2) {
    const auto harmful = last_prompt_tokens(corner, corner.offer().harmful, site);
    const OtherRows others = other_rows(corner, site);
    const int64_t stride = std::max<int64_t>(1, others.retained.size(0) / kRetained);
    const auto x = at::cat({harmful, others.refused, others.harmless, others.retained.slice(0, 0, {}, stride)});
    const Probe& probe = corner.memo().get<Probe>(fmt::format("{} {} {}", corner.memo_key(), site.name(), l2), [&] {
      auto y = at::zeros({x.size(0)});
      y.slice(0, 0, harmful.size(0)) = 1;
      const LogisticRegression fit(x, y, l2);
      const auto w = fit.coefficients();
      const auto all = others.all();
      return Probe{w, harmful.to(at::kDouble).mv(w), all.to(at::kDouble).mv(w)};
    });
    return probe;
  }
};

}  // namespace

std::unique_ptr<const Contestant<Repair>> probe_gate() { return std::make_unique<ProbeGate>(); }

}  // namespace fairfight
