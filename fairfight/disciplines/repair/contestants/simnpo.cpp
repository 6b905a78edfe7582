#include "fairfight/disciplines/repair/fine_tuned.h"
#include "fairfight/disciplines/repair/roster.h"
#include "fairfight/methods/unlearning.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

class SimNpo final : public FineTuned {
 public:
  std::string_view name() const override { return "simnpo"; }
  std::string_view title() const override { return "SimNPO"; }
  std::string_view about() const override {
    return "-2/β E log σ(-β log π / |y| (harmful)) + α KL(p_ref ‖ p) on the retain set; Fan et al. 2024";
  }
  SearchSpace space() const override { return trained_space(1e-4, 3e-3).log_uniform("beta", 0.5, 8).log_uniform("retain", 0.3, 30); }

 protected:
  Loss loss(Corner<Repair>&, const Settings& settings) const override {
    return [beta = settings.number("beta"), retain = settings.number("retain")](Lesson& lesson, const Minibatch& m) {
      return simnpo_loss(answer_log_probabilities(lesson, m.harmful), m.harmful.answer.sum(1), beta, 0) + kept_divergence(lesson, m) * retain;
    };
  }
};

}  // namespace

std::unique_ptr<const Contestant<Repair>> simnpo() { return std::make_unique<SimNpo>(); }

}  // namespace fairfight
