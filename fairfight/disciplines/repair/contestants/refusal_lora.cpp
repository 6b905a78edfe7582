#include "fairfight/disciplines/repair/fine_tuned.h"
#include "fairfight/disciplines/repair/roster.h"
#include "fairfight/methods/unlearning.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

class RefusalLora final : public FineTuned {
 public:
  std::string_view name() const override { return "refusal_lora"; }
  std::string_view title() const override { return "Refusal tuning (LoRA)"; }
  std::string_view about() const override {
    return "CE(refusals) + α KL(p_ref ‖ p) on the retain set, adapters on all maps; Hu et al. 2021";
  }
  SearchSpace space() const override { return trained_space(5e-4, 1e-2).hyperparameter("rank", {2, 4, 8, 16, 32}).log_uniform("retain", 0.3, 30); }

 protected:
  Moved moved(Corner<Repair>& corner, const Settings& settings) const override {
    return adapters(corner.model(), settings.integer("rank"), corner.model().config().n_layers - 1,
                    corner.random("adapters"));
  }

  Loss loss(Corner<Repair>&, const Settings& settings) const override {
    return [retain = settings.number("retain")](Lesson& lesson, const Minibatch& m) {
      return answer_cross_entropy(lesson, m.refused) + kept_divergence(lesson, m) * retain;
    };
  }
};

}  // namespace

std::unique_ptr<const Contestant<Repair>> refusal_lora() { return std::make_unique<RefusalLora>(); }

}  // namespace fairfight
