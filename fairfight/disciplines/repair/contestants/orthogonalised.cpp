#include "fairfight/disciplines/repair/refusal.h"
#include "fairfight/disciplines/repair/roster.h"
#include "fairfight/methods/directions.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

class Orthogonalised final : public Contestant<Repair> {
 public:
  std::string_view name() const override { return "orthogonalised"; }
  std::string_view title() const override { return "one direction off the weights"; }
  std::string_view about() const override {
    return "W − s r̂ r̂ᵀ W for embedding, attention output and MLP output; r chosen by the rule of Arditi et al. 2024";
  }
  Role role() const override { return Role::baseline; }
  SiteUse site_use() const override { return SiteUse::none; }
  SearchSpace space() const override { return refusal_space(); }

  std::unique_ptr<Patch> prepare(Corner<Repair>& corner, const Settings& settings) const override {
    const auto r = refusal_direction_of(corner, settings);
    if (!r) return std::make_unique<Patch>();
    return std::make_unique<Patch>(Patch{std::make_shared<Transformer>(orthogonalised(corner.model().transformer(), *r, settings.number("strength"))), {}});
  }
};

}  // namespace

std::unique_ptr<const Contestant<Repair>> orthogonalised_weights() { return std::make_unique<Orthogonalised>(); }

}  // namespace fairfight
