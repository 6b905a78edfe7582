#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>

namespace fairfight {

/// Projected gradient descent on what is added to a state, the inner loop of latent adversarial training (Sheshadri et al. 2024; with normalised gradients, as Madry et al. 2018 have it
/// for L2 balls): from 0 on, every position's δ goes a share of the radius against its own gradient, and back into the ball.
struct LatentAttack {
  double radius = 0;  // L2, of each position
  int64_t steps = 0;
  double rate = 0.25;  // of the radius, a step
};

/// Error: it goes nowhere.
void require_sensible(const LatentAttack& attack);

/// `loss`: a scalar of δ [docs, pos, width], which the attacker wants low. mask: [docs, pos] bool, where he may act; δ is 0 elsewhere. -> δ, without a gradient.
at::Tensor latent_attack(const LatentAttack& attack, const at::Tensor& mask, int64_t width, const std::function<at::Tensor(const at::Tensor& delta)>& loss);

}  // namespace fairfight
