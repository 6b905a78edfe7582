#include "fairfight/disciplines/repair/fine_tuned.h"
#include "fairfight/disciplines/repair/roster.h"
#include "fairfight/methods/unlearning.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

class Rmu final : public FineTuned {
 public:
  std::string_view name() const override { return "rmu"; }
  std::string_view title() const override { return "RMU"; }
  std::string_view about() const override {
    return "E ‖h - c u‖² at harmful answers + α E ‖h - h_ref‖² on the retain set, MLP outputs of three layers; Li et al. 2024";
  }
  SiteUse site_use() const override { return SiteUse::one; }
  SearchSpace space() const override { return trained_space(1e-3, 1e-2).log_uniform("c", 2, 50).log_uniform("retain", 1, 300); }

 protected:
  Moved moved(Corner<Repair>& corner, const Settings&) const override {
    return some_maps(corner.model(), {LinearMap::out}, corner.site().layer - 2, corner.site().layer);
  }

  Loss loss(Corner<Repair>& corner, const Settings& settings) const override {
    const auto u = control_direction(corner.model().config().d_model, corner.random("direction"));
    return [u, site = corner.site(), c = settings.number("c"), retain = settings.number("retain")](Lesson& lesson,
                                                                                                   const Minibatch& m) {
      const auto harmful = rmu_loss(lesson.at(site, m.harmful.batch), u, c, judges(m.harmful));
      return harmful + squared_distance(lesson.at(site, m.kept), lesson.reference_at(site, m.kept), m.kept.valid) * retain;
    };
  }
};

}  // namespace

std::unique_ptr<const Contestant<Repair>> rmu() { return std::make_unique<Rmu>(); }

}  // namespace fairfight
