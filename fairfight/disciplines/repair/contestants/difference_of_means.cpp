#include "fairfight/disciplines/repair/prompts.h"
#include "fairfight/disciplines/repair/roster.h"
#include "fairfight/methods/directions.h"
#include "fairfight/methods/hooks.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

/// Two means and a projection onto the line between them; towards the mean of ordinary text and not towards zero, so that an
/// activation without the behaviour moves little (Marshall, Scherlis & Belrose 2024).
class DifferenceOfMeans final : public Contestant<Repair> {
 public:
  std::string_view name() const override { return "difference_of_means"; }
  std::string_view title() const override { return "difference of means"; }
  std::string_view about() const override {
    return "x − s r̂ r̂ᵀ (x − μ) after one block: r from the mean of harmless prompts' ends (up to where answers part), or of all other text, to that of harmful prompts' ends";
  }
  Role role() const override { return Role::baseline; }
  SiteUse site_use() const override { return SiteUse::none; }
  SearchSpace space() const override { return SearchSpace().hyperparameter("depth", kDepths, Ends::natural).hyperparameter("against", {"harmless", "text"}).log_uniform("strength", 0.3, 3); }

  std::unique_ptr<Patch> prepare(Corner<Repair>& corner, const Settings& settings) const override {
    const Site site = block_at(corner.model().config(), settings.number("depth"));
    const auto harmful = deciding_rows(corner, site, true), text = other_rows(corner, site).all();
    const auto r = difference_of_means(harmful, settings.text("against") == "text" ? text : deciding_rows(corner, site, false));
    const auto unit = (r / r.norm()).unsqueeze(1);
    return std::make_unique<Patch>(Patch{nullptr, {affine_hook({{site, -settings.number("strength") * unit, unit, text.to(at::kDouble).mean(0)}}, 1)}});
  }
};

}  // namespace

std::unique_ptr<const Contestant<Repair>> difference_of_means() { return std::make_unique<DifferenceOfMeans>(); }

}  // namespace fairfight
