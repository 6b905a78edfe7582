#include "fairfight/disciplines/repair/prompts.h"
#include "fairfight/disciplines/repair/roster.h"
#include "fairfight/methods/hooks.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

/// Knows nothing of the harm: what any projection takes away.
class RandomSubspace final : public Contestant<Repair> {
 public:
  std::string_view name() const override { return "random_subspace"; }
  std::string_view title() const override { return "random subspace"; }
  std::string_view about() const override { return "x − Q Qᵀ (x − μ) after one block: Q an orthonormal basis of a random subspace, μ the mean of text"; }
  Role role() const override { return Role::baseline; }
  SiteUse site_use() const override { return SiteUse::none; }
  SearchSpace space() const override { return SearchSpace().hyperparameter("depth", kDepths, Ends::natural).hyperparameter("rank", {1, 2, 4, 8, 16, 32, 64}, Ends::open_above); }

  std::unique_ptr<Patch> prepare(Corner<Repair>& corner, const Settings& settings) const override {
    const Site site = block_at(corner.model().config(), settings.number("depth"));
    const auto text = other_rows(corner, site).all();
    const int64_t d = text.size(1), rank = std::min(settings.integer("rank"), d);
    Random random = corner.random("subspace");
    auto drawn = at::empty({d, rank}, at::kDouble);
    for (int64_t i = 0; i < drawn.numel(); ++i) drawn.data_ptr<double>()[i] = random.normal();
    const auto q = std::get<0>(at::linalg_qr(drawn));
    return std::make_unique<Patch>(Patch{nullptr, {affine_hook({{site, -q, q, text.to(at::kDouble).mean(0)}}, 1)}});
  }
};

}  // namespace

std::unique_ptr<const Contestant<Repair>> random_subspace() { return std::make_unique<RandomSubspace>(); }

}  // namespace fairfight
