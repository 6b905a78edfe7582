#include "fairfight/disciplines/repair/fine_tuned.h"
#include "fairfight/disciplines/repair/roster.h"
#include "fairfight/methods/unlearning.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

class RefusalTuning final : public FineTuned {
 public:
  std::string_view name() const override { return "refusal_tuning"; }
  std::string_view title() const override { return "Refusal tuning"; }
  std::string_view about() const override { return "CE(refusals) + α KL(p_ref ‖ p) on the retain set, all weights"; }
  SearchSpace space() const override { return trained_space(1e-4, 3e-3).log_uniform("retain", 0.3, 30); }

 protected:
  Loss loss(Corner<Repair>&, const Settings& settings) const override {
    return [retain = settings.number("retain")](Lesson& lesson, const Minibatch& m) {
      return answer_cross_entropy(lesson, m.refused) + kept_divergence(lesson, m) * retain;
    };
  }
};

}  // namespace

std::unique_ptr<const Contestant<Repair>> refusal_tuning() { return std::make_unique<RefusalTuning>(); }

}  // namespace fairfight
