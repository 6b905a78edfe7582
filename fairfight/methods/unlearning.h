#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

#include "fairfight/base/random.h"
#include "fairfight/model/read_out.h"

namespace fairfight {

// Losses that make a model forget, as scalars with gradients. What a model says at [docs, pos] judges the `targets` [docs, pos] int64 that
// come next in their place; a negative one is not judged.

/// Of the tokens of `mask`, each one position earlier, where the logits are that judge it; -1 elsewhere. [docs, pos] all three.
at::Tensor targets_of(const at::Tensor& tokens, const at::Tensor& mask);
/// All tokens that are `valid`, but those at position 0: nothing stands before them.
at::Tensor judgeable(const at::Tensor& valid);

/// Σ of log p(target | tokens before) over the targets of a document, [docs].
at::Tensor sequence_log_probabilities(const ReadOut& said, const at::Tensor& targets);

/// The mean over all targets of -log p(target | tokens before), in nats.
at::Tensor target_cross_entropy(const ReadOut& said, const at::Tensor& targets);

/// The mean over all targets of KL(p_ref ‖ p) of the distributions that judge them, in nats: holds the model where
/// it was (TOFU, section 4.2; the retain term of NPO+KL in Zhang et al. 2024). Gradients go into `said` only.
at::Tensor target_divergence(const ReadOut& said, const ReadOut& reference, const at::Tensor& targets);

// ---- on the likelihood of the answer -------------------------------------------------------------------------------

/// Gradient ascent (Jang et al. 2023, equation 1): minus the cross-entropy of what shall be forgotten.
at::Tensor gradient_ascent_loss(const at::Tensor& forget_cross_entropy);

/// GradDiff (Liu et al. 2022; Maini et al. 2024, TOFU, section 4.2): -γ CE(forget) + α times what holds the rest, the
/// cross-entropy of retained text or its divergence.
at::Tensor grad_diff_loss(const at::Tensor& forget_cross_entropy, const at::Tensor& retain_loss, double gamma, double alpha);

/// Negative preference optimisation (Zhang et al. 2024, equation 3): -2/β E log σ(-β (log π - log π_ref)), with sums over
/// the sequence, [docs] each. For β -> 0 its gradient is that of gradient ascent.
at::Tensor npo_loss(const at::Tensor& log_p, const at::Tensor& reference_log_p, double beta);

/// SimNPO (Fan et al. 2024, equation 4): -2/β E log σ(-β (log π / |y| + δ)); no reference model, but the length |y| [docs]
/// of each sequence. Their γ is β δ.
at::Tensor simnpo_loss(const at::Tensor& log_p, const at::Tensor& lengths, double beta, double delta);

/// Direct preference optimisation (Rafailov et al. 2023, equation 7): -E log σ(β (log π/π_ref (preferred) - log π/π_ref
/// (rejected))), with sums over the sequence, [docs] each.
at::Tensor dpo_loss(const at::Tensor& preferred, const at::Tensor& reference_preferred, const at::Tensor& rejected,
                    const at::Tensor& reference_rejected, double beta);

// ---- on activations: h [docs, pos, d_model], means over the positions of `mask` [docs, pos] ----------------------------

/// RMU's u: uniform in [0, 1)^d, then of norm 1 (Li et al. 2024, WMDP, section 4.1). [d] float32
at::Tensor control_direction(int64_t d, Random random);

/// E ‖h - h_target‖²; `target` broadcasts to h.
at::Tensor squared_distance(const at::Tensor& h, const at::Tensor& target, const at::Tensor& mask);

/// RMU (Li et al. 2024, section 4.1): E ‖h - c u‖². What is kept is held by `squared_distance` to the reference.
at::Tensor rmu_loss(const at::Tensor& h, const at::Tensor& u, double c, const at::Tensor& mask);

/// Adaptive RMU (Dang et al. 2024, section 5): E ‖h - s ‖h_ref‖ u‖², so that the target's length follows the layer's.
at::Tensor adaptive_rmu_loss(const at::Tensor& h, const at::Tensor& reference, const at::Tensor& u, double s,
                             const at::Tensor& mask);

/// Representation rerouting (Zou et al. 2024, algorithm 1): E relu(cos(h, h_ref)) where the harm is, E ‖h - h_ref‖
/// elsewhere.
at::Tensor rerouting_loss(const at::Tensor& h, const at::Tensor& reference, const at::Tensor& mask);
at::Tensor distance(const at::Tensor& h, const at::Tensor& reference, const at::Tensor& mask);

/// Their weights at step t of T: α (1 - t/2T) and α t/2T.
struct ReroutingWeights {
  double reroute, retain;
};
ReroutingWeights rerouting_weights(double alpha, int64_t step, int64_t steps);

}  // namespace fairfight
