#include <fmt/format.h>

#include "fairfight/disciplines/repair/prompts.h"
#include "fairfight/disciplines/repair/roster.h"
#include "fairfight/methods/directions.h"
#include "fairfight/methods/hooks.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

/// The k atoms that explain a direction best and their sum that comes closest to it: orthogonal matching pursuit in float64.
at::Tensor composed(const Dictionary& dictionary, const at::Tensor& direction, int64_t k) {
  const auto atoms = dictionary.w_dec().to(at::kDouble);
  std::vector<int64_t> chosen;
  at::Tensor sum = at::zeros_like(direction);
  for (int64_t i = 0; i < std::min(k, atoms.size(0)); ++i) {
    auto fit = atoms.matmul(direction - sum).abs();
    if (!chosen.empty()) fit.index_fill_(0, at::tensor(chosen), -1);
    chosen.push_back(fit.argmax().item<int64_t>());
    const auto basis = atoms.index_select(0, at::tensor(chosen)).t().contiguous();  // [d, i + 1]
    sum = basis.matmul(std::get<0>(at::linalg_lstsq(basis, direction.unsqueeze(1)))).squeeze(1);
  }
  return sum;
}

/// No feature stands for the behaviour; a few that exist may add up to its direction.
class Composition final : public Contestant<Repair> {
 public:
  std::string_view name() const override { return "composition"; }
  std::string_view title() const override { return "composed features"; }
  std::string_view about() const override { return "difference of means, replaced by the sum of k atoms that comes closest to it, and projected out"; }
  Role role() const override { return Role::challenger; }
  SearchSpace space() const override { return SearchSpace().hyperparameter("atoms", {1, 2, 4, 8, 16, 32, 64}, Ends::open_above).log_uniform("strength", 0.5, 4); }

  std::unique_ptr<Patch> prepare(Corner<Repair>& corner, const Settings& settings) const override {
    const auto& examples = corner.offer();
    if (examples.harmful.documents() == 0) return std::make_unique<Patch>();
    const auto harmful = deciding_rows(corner, corner.site(), true), others = other_rows(corner, corner.site()).all();
    const int64_t k = settings.integer("atoms");
    const auto& direction = corner.memo().get<at::Tensor>(fmt::format("{} composed {}", corner.basis(), k), [&] {
      const auto sum = composed(*corner.dictionary(), difference_of_means(harmful, others), k);
      return sum / sum.norm().clamp_min(1e-12);
    });
    const auto column = direction.unsqueeze(1);
    AffineEdit edit{corner.site(), -settings.number("strength") * column, column, others.mean(0, false, at::kDouble)};
    return std::make_unique<Patch>(Patch{nullptr, {affine_hook({std::move(edit)}, 1)}});
  }
};

}  // namespace

std::unique_ptr<const Contestant<Repair>> composition() { return std::make_unique<Composition>(); }

}  // namespace fairfight
