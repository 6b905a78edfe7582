#include "fairfight/disciplines/repair/fine_tuned.h"
#include "fairfight/disciplines/repair/roster.h"
#include "fairfight/methods/unlearning.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

class Npo final : public FineTuned {
 public:
  std::string_view name() const override { return "npo"; }
  std::string_view title() const override { return "NPO"; }
  std::string_view about() const override {
    return "-2/β E log σ(-β log π/π_ref (harmful)) + α KL(p_ref ‖ p) on the retain set; Zhang et al. 2024";
  }
  SearchSpace space() const override { return trained_space(1e-4, 3e-3).log_uniform("beta", 0.05, 2).log_uniform("retain", 1, 100); }

 protected:
  Loss loss(Corner<Repair>&, const Settings& settings) const override {
    return [beta = settings.number("beta"), retain = settings.number("retain")](Lesson& lesson, const Minibatch& m) {
      const auto policy = answer_log_probabilities(lesson, m.harmful), reference = reference_log_probabilities(lesson, m.harmful);
      return npo_loss(policy, reference, beta) + kept_divergence(lesson, m) * retain;
    };
  }
};

}  // namespace

std::unique_ptr<const Contestant<Repair>> npo() { return std::make_unique<Npo>(); }

}  // namespace fairfight
