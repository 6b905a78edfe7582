#include "fairfight/disciplines/repair/roster.h"
#include "fairfight/disciplines/repair/sae_error.h"
#include "fairfight/methods/directions.h"
#include "fairfight/methods/hooks.h"
#include "fairfight/methods/leace.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

/// What the dictionary has no feature for lies in its error; an edit in there leaves all that it has features for.
class ErrorSurgery final : public Contestant<Repair> {
 public:
  std::string_view name() const override { return "error_surgery"; }
  std::string_view title() const override { return "error-space surgery"; }
  std::string_view about() const override { return "difference of means, or LEACE, inside the error x − x̂: x' = x + L Rᵀ (e − μ)"; }
  Role role() const override { return Role::challenger; }
  SearchSpace space() const override { return SearchSpace().hyperparameter("method", {"means", "leace"}).log_uniform("strength", 0.5, 10); }

  std::unique_ptr<Patch> prepare(Corner<Repair>& corner, const Settings& settings) const override {
    if (corner.offer().harmful.documents() == 0) return std::make_unique<Patch>();
    const ErrorTerms& e = error_terms(corner);
    const double strength = settings.number("strength");
    AffineEdit edit{corner.site(), {}, {}, {}};
    if (settings.text("method") == "leace") {
      const Leace& fit = corner.memo().get<Leace>(corner.memo_key() + " leace", [&] {
        return leace(at::cat({e.harmful, e.others}), at::cat({at::ones({e.harmful.size(0)}), at::zeros({e.others.size(0)})}));
      });
      edit.left = -strength * fit.left;
      edit.right = fit.right;
      edit.mean = fit.mean;
    } else {
      const auto direction = difference_of_means(e.harmful, e.others);
      edit.right = (direction / direction.norm()).unsqueeze(1);
      edit.left = -strength * edit.right;
      edit.mean = e.others.mean(0, false, at::kDouble);
    }
    return std::make_unique<Patch>(Patch{nullptr, {error_hook(corner.dictionary(), std::move(edit))}});
  }
};

}  // namespace

std::unique_ptr<const Contestant<Repair>> error_surgery() { return std::make_unique<ErrorSurgery>(); }

}  // namespace fairfight
