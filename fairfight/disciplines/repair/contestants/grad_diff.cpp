#include "fairfight/disciplines/repair/fine_tuned.h"
#include "fairfight/disciplines/repair/roster.h"
#include "fairfight/methods/unlearning.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

class GradDiff final : public FineTuned {
 public:
  std::string_view name() const override { return "grad_diff"; }
  std::string_view title() const override { return "GradDiff (KL)"; }
  std::string_view about() const override {
    return "α KL(p_ref ‖ p) on the retain set - CE(harmful answers); Liu et al. 2022, Maini et al. 2024";
  }
  SearchSpace space() const override { return trained_space(1e-4, 2e-3).log_uniform("retain", 1, 500); }

 protected:
  Loss loss(Corner<Repair>&, const Settings& settings) const override {
    return [retain = settings.number("retain")](Lesson& lesson, const Minibatch& m) {
      return grad_diff_loss(answer_cross_entropy(lesson, m.harmful), kept_divergence(lesson, m), 1, retain);
    };
  }
};

}  // namespace

std::unique_ptr<const Contestant<Repair>> grad_diff() { return std::make_unique<GradDiff>(); }

}  // namespace fairfight
