#include "fairfight/disciplines/repair/fine_tuned.h"
#include "fairfight/disciplines/repair/roster.h"
#include "fairfight/methods/unlearning.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

class RepresentationRerouting final : public FineTuned {
 public:
  std::string_view name() const override { return "representation_rerouting"; }
  std::string_view title() const override { return "Representation rerouting"; }
  std::string_view about() const override {
    return "(1 - t/2T) E relu(cos(h, h_ref)) at harmful answers + α t/2T E ‖h - h_ref‖ on the retain set, adapters up to the "
           "site; Zou et al. 2024";
  }
  SiteUse site_use() const override { return SiteUse::one; }
  SearchSpace space() const override { return trained_space(2e-3, 2e-2).hyperparameter("rank", {2, 4, 8, 16}).log_uniform("retain", 0.02, 0.5); }

 protected:
  /// At the model itself both terms are flat, h = h_ref, and the second one has a kink there: B begins beside it.
  Moved moved(Corner<Repair>& corner, const Settings& settings) const override {
    constexpr double kStart = 0.02;
    return adapters(corner.model(), settings.integer("rank"), corner.site().layer, corner.random("adapters"), kStart);
  }

  /// The paper's α scales both terms, which AdamW undoes; what can be tuned is their ratio.
  Loss loss(Corner<Repair>& corner, const Settings& settings) const override {
    return [site = corner.site(), retain = settings.number("retain")](Lesson& lesson, const Minibatch& m) {
      const auto weights = rerouting_weights(1, lesson.step(), lesson.steps());
      const auto& batch = m.harmful.batch;
      const auto harmful = rerouting_loss(lesson.at(site, batch), lesson.reference_at(site, batch), judges(m.harmful));
      return harmful * weights.reroute +
             distance(lesson.at(site, m.kept), lesson.reference_at(site, m.kept), m.kept.valid) * weights.retain * retain;
    };
  }
};

}  // namespace

std::unique_ptr<const Contestant<Repair>> representation_rerouting() { return std::make_unique<RepresentationRerouting>(); }

}  // namespace fairfight
