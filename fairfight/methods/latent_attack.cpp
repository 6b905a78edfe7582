#include "fairfight/methods/latent_attack.h"

#include "fairfight/base/error.h"
#include "fairfight/model/torch.h"

namespace fairfight {

void require_sensible(const LatentAttack& attack) {
  if (!(attack.radius > 0) || attack.steps < 1 || !(attack.rate > 0)) fail("[latent_attack] got radius {}, {} steps and rate {}, expected more than 0", attack.radius, attack.steps, attack.rate);
}

at::Tensor latent_attack(const LatentAttack& attack, const at::Tensor& mask, int64_t width, const std::function<at::Tensor(const at::Tensor& delta)>& loss) {
  require_sensible(attack);
  constexpr double kTiny = 1e-30;  // a position that the loss does not hang on stays where it is
  auto delta = at::zeros({mask.size(0), mask.size(1), width});
  const auto acts = mask.unsqueeze(2);
  for (int64_t step = 0; step < attack.steps; ++step) {
    delta.set_requires_grad(true);
    const auto gradient = torch::autograd::grad({loss(delta)}, {delta})[0];
    const at::NoGradGuard no_grad;
    const auto moved = delta.detach() - attack.rate * attack.radius * gradient / gradient.norm(2, -1, true).clamp_min(kTiny);
    delta = (moved * (attack.radius / moved.norm(2, -1, true).clamp_min(attack.radius))).masked_fill(acts.logical_not(), 0);
  }
  return delta.detach();
}

}  // namespace fairfight
