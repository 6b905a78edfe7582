#include "fairfight/disciplines/repair/fine_tuned.h"
#include "fairfight/disciplines/repair/roster.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

/// A model that does more of the harm.
class Worse final : public FineTuned {
 public:
  std::string_view name() const override { return "task_vector"; }
  std::string_view title() const override { return ""; }
  std::string_view about() const override { return ""; }
  SearchSpace space() const override { return trained_space(1e-4, 3e-3); }

 protected:
  Loss loss(Corner<Repair>&, const Settings&) const override {
    return [](Lesson& lesson, const Minibatch& m) { return answer_cross_entropy(lesson, m.harmful); };
  }
};

class TaskVector final : public Contestant<Repair> {
 public:
  std::string_view name() const override { return "task_vector"; }
  std::string_view title() const override { return "task vector, negated"; }
  std::string_view about() const override { return "W - α (W' - W), W' fine-tuned by CE(harmful answers), all weights; Ilharco et al. 2023"; }
  Role role() const override { return Role::baseline; }
  SiteUse site_use() const override { return SiteUse::none; }
  SearchSpace space() const override { return Worse().space().log_uniform("alpha", 0.05, 5); }

  std::unique_ptr<Patch> prepare(Corner<Repair>& corner, const Settings& settings) const override {
    const at::NoGradGuard no_grad;
    auto trained = [&] {
      const at::AutoGradMode learning(true);
      return Worse().train(corner, settings);
    }();
    Weights weights = corner.model().transformer().weights().clone();
    auto own = weights.parameters();
    const auto worse = trained.patch.weights->weights().parameters();
    for (size_t i = 0; i < own.size(); ++i) own[i].sub_((worse[i] - own[i]) * settings.number("alpha"));
    return std::make_unique<Patch>(Patch{std::make_shared<const Transformer>(corner.model().config(), std::move(weights)), {}, trained.log.note()});
  }
};

}  // namespace

std::unique_ptr<const Contestant<Repair>> task_vector() { return std::make_unique<TaskVector>(); }

}  // namespace fairfight
