#include "fairfight/disciplines/repair/fine_tuned.h"
#include "fairfight/disciplines/repair/prompts.h"
#include "fairfight/disciplines/repair/roster.h"
#include "fairfight/methods/latent_attack.h"
#include "fairfight/methods/unlearning.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

/// RMU on states that an attacker has moved towards the harmful answer first, in front of the layers that learn.
class RmuLat final : public FineTuned {
 public:
  std::string_view name() const override { return "rmu_lat"; }
  std::string_view title() const override { return "RMU with LAT"; }
  std::string_view about() const override {
    return "RMU where projected gradient descent on the state in front of the trained layers first makes the harmful answers likelier; Sheshadri et al. 2024";
  }
  SiteUse site_use() const override { return SiteUse::one; }
  /// `radius`: of each position's perturbation, in median norms of the state there; `attack`: steps of the descent.
  SearchSpace space() const override { return trained_space(1e-3, 1e-2).log_uniform("c", 2, 50).log_uniform("retain", 1, 300).log_uniform("radius", 0.03, 1).hyperparameter("attack", {2, 4, 8}); }

 protected:
  Moved moved(Corner<Repair>& corner, const Settings&) const override { return some_maps(corner.model(), {LinearMap::out}, corner.site().layer - 2, corner.site().layer); }

  Loss loss(Corner<Repair>& corner, const Settings& settings) const override {
    const auto u = control_direction(corner.model().config().d_model, corner.random("direction"));
    const Site site = corner.site(), attacked{Point::resid_pre, std::max<int64_t>(0, site.layer - 2)};
    const Batch& harmful = corner.offer().harmful.batch;
    const auto norms = corner.model().activations(harmful, attacked).flatten(0, 1).index({harmful.valid.flatten()}).norm(2, 1);
    const LatentAttack attack{settings.number("radius") * norms.median().item<double>(), settings.integer("attack")};
    return [u, site, attacked, attack, c = settings.number("c"), retain = settings.number("retain")](Lesson& lesson, const Minibatch& m) {
      const Judged judged = fairfight::judged(m.harmful);
      const auto under = [&](const at::Tensor& delta) { return Taps().edit(attacked, [delta](const at::Tensor& x) { return x + delta; }); };
      const auto delta = latent_attack(attack, m.harmful.batch.valid, u.size(0), [&](const at::Tensor& d) { return target_cross_entropy(lesson.read_out(m.harmful.batch, judged, under(d)), judged.targets); });
      at::Tensor h;
      lesson.read_out(m.harmful.batch, judged, under(delta).read(site, &h));
      return rmu_loss(h, u, c, judges(m.harmful)) + squared_distance(lesson.at(site, m.kept), lesson.reference_at(site, m.kept), m.kept.valid) * retain;
    };
  }
};

}  // namespace

std::unique_ptr<const Contestant<Repair>> rmu_lat() { return std::make_unique<RmuLat>(); }

}  // namespace fairfight
