#include "fairfight/methods/feature_attack.h"

#include <algorithm>

#include "fairfight/base/error.h"
#include "fairfight/methods/signed_features.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

constexpr double kTiny = 1e-30;

/// All but the k entries of each row that are largest by `size` become 0.
at::Tensor only_largest(const at::Tensor& x, const at::Tensor& size, int64_t k) {
  if (k >= x.size(-1)) return x;
  const auto kept = std::get<1>(size.topk(k, -1));
  return at::zeros_like(x).scatter(-1, kept, x.gather(-1, kept));
}

}  // namespace

FeatureMove feature_attack(const FeatureAttack& attack, const Dictionary& dictionary, const at::Tensor& state, const at::Tensor& mask, const std::function<at::Tensor(const at::Tensor& delta)>& loss) {
  const auto& [ball, k, which, both_signs] = attack;
  require_sensible(ball);
  const int64_t features = SignedFeatures::kHalves * dictionary.width();
  if (k < 1 || k > features) fail("[feature_attack] k: got {}, expected 1 to {}", k, features);
  const auto all = at::arange(features, at::kLong);
  const auto directions = SignedFeatures::directions(dictionary, all), lengths = directions.norm(2, 1);
  const auto rows = state.detach().flatten(0, 1);
  const auto fires = SignedFeatures::fired(dictionary.encode(rows), all);
  auto allowed = mask.flatten().unsqueeze(1).expand_as(fires);
  if (!both_signs) allowed = allowed.logical_and(all < dictionary.width());
  if (which == FeatureAttack::Which::firing) allowed = allowed.logical_and(fires > 0);
  if (which == FeatureAttack::Which::silent) allowed = allowed.logical_and(fires == 0);

  auto change = at::zeros_like(fires);
  auto delta = at::zeros_like(rows);
  for (int64_t step = 0; step < ball.steps; ++step) {
    const auto here = delta.detach().view_as(state).set_requires_grad(true);
    const auto slope = torch::autograd::grad({loss(here)}, {here})[0].flatten(0, 1).mm(directions.t());
    const at::NoGradGuard no_grad;
    const auto stuck = (fires + change <= 0).logical_and(slope > 0);  // at 0, and would go below
    auto move = (-slope).masked_fill(allowed.logical_not().logical_or(stuck), 0);
    move = only_largest(move, move.abs() * lengths, k);
    move = move * (ball.rate * ball.radius / move.mm(directions).norm(2, 1, true).clamp_min(kTiny));
    change = at::maximum(change + move, -fires);
    change = only_largest(change, change.abs() * lengths, k);
    change = change * (ball.radius / change.mm(directions).norm(2, 1, true).clamp_min(ball.radius));  // c' stays whole: it lies between c and what it was
    delta = change.mm(directions);
  }
  const auto chosen = std::get<1>((change.abs() * lengths).topk(k, -1));
  const auto shaped = [&](const at::Tensor& x) { return x.detach().view({state.size(0), state.size(1), -1}); };
  return {shaped(delta), shaped(chosen), shaped(change.gather(1, chosen))};
}

}  // namespace fairfight
