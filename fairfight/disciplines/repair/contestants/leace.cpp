#include "fairfight/methods/leace.h"

#include "fairfight/disciplines/repair/prompts.h"
#include "fairfight/disciplines/repair/roster.h"
#include "fairfight/methods/hooks.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

/// The concept is "the harmful answer is about to come", where that is decided against all other text: with
/// harmless prompts alone on the other side the covariance would know nothing of the text that the edit also meets.
class LeaceRepair final : public Contestant<Repair> {
 public:
  std::string_view name() const override { return "leace"; }
  std::string_view title() const override { return "LEACE"; }
  std::string_view about() const override {
    return "x − s W⁺ P W (x − μ): least-squares erasure of harmful prompts' ends (up to where answers part) against all other text, after one block or after all (Belrose et al. 2023)";
  }
  Role role() const override { return Role::baseline; }
  SiteUse site_use() const override { return SiteUse::none; }
  SearchSpace space() const override { return SearchSpace().hyperparameter("blocks", {"0.25", "0.5", "0.75", "1", "all"}).log_uniform("strength", 0.5, 4); }

  std::unique_ptr<Patch> prepare(Corner<Repair>& corner, const Settings& settings) const override {
    const auto& config = corner.model().config();
    const auto blocks = settings.text("blocks");
    std::vector<Site> sites;
    for (int64_t layer = 0; layer < config.n_layers; ++layer)
      if (const Site site{Point::resid_post, layer}; blocks == "all" || site == block_at(config, std::stod(blocks))) sites.push_back(site);
    std::vector<AffineEdit> edits;
    for (const Site& site : sites) {
      const Leace fit = erasure(corner, site);
      edits.push_back({site, -settings.number("strength") * fit.left, fit.right, fit.mean});
    }
    return std::make_unique<Patch>(Patch{nullptr, {affine_hook(std::move(edits), 1)}});
  }

 private:
  /// Each block's from the model as it is: what an earlier edit changes is little.
  static Leace erasure(Corner<Repair>& corner, const Site& site) {
    const auto harmful = deciding_rows(corner, site, true), others = other_rows(corner, site).all();
    return corner.memo().get<Leace>(corner.memo_key() + " " + site.name(), [&] {
      return leace(at::cat({harmful, others}), at::cat({at::ones({harmful.size(0)}), at::zeros({others.size(0)})}));
    });
  }
};

}  // namespace

std::unique_ptr<const Contestant<Repair>> leace_repair() { return std::make_unique<LeaceRepair>(); }

}  // namespace fairfight
