#include "fairfight/disciplines/repair/fine_tuned.h"
#include "fairfight/disciplines/repair/roster.h"
#include "fairfight/methods/unlearning.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

class Dpo final : public FineTuned {
 public:
  std::string_view name() const override { return "dpo"; }
  std::string_view title() const override { return "DPO to the refusal"; }
  std::string_view about() const override {
    return "-E log σ(β (log π/π_ref (refusal) - log π/π_ref (harmful))) + α KL(p_ref ‖ p) on the retain set; Rafailov et al. 2023";
  }
  SearchSpace space() const override { return trained_space(1e-4, 3e-3).log_uniform("beta", 0.05, 2).log_uniform("retain", 0.3, 30); }

 protected:
  Loss loss(Corner<Repair>&, const Settings& settings) const override {
    return [beta = settings.number("beta"), retain = settings.number("retain")](Lesson& lesson, const Minibatch& m) {
      const auto policy = [&](const Answers& a) { return answer_log_probabilities(lesson, a); };
      const auto reference = [&](const Answers& a) { return reference_log_probabilities(lesson, a); };
      return dpo_loss(policy(m.refused), reference(m.refused), policy(m.harmful), reference(m.harmful), beta) +
             kept_divergence(lesson, m) * retain;
    };
  }
};

}  // namespace

std::unique_ptr<const Contestant<Repair>> dpo() { return std::make_unique<Dpo>(); }

}  // namespace fairfight
