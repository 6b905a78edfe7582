#include "fairfight/methods/unlearning.h"

#include <fmt/ranges.h>

#include "fairfight/base/error.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

at::Tensor rows_of(const at::Tensor& x, const at::Tensor& mask) {
  return x.expand({mask.size(0), mask.size(1), x.size(-1)}).index({mask});
}

at::Tensor scaled_log_sigmoid(const at::Tensor& x, double beta) { return at::log_sigmoid(x).mean() * (-2 / beta); }

}  // namespace

at::Tensor targets_of(const at::Tensor& tokens, const at::Tensor& mask) {
  if (tokens.dim() != 2 || mask.sizes() != tokens.sizes() || mask.scalar_type() != at::kBool)
    fail("[unlearning] got tokens [{}], mask [{}], expected twice [docs, pos], the mask of bools", fmt::join(tokens.sizes(), ", "),
         fmt::join(mask.sizes(), ", "));
  if (mask.select(1, 0).any().item<bool>()) fail("[unlearning] the mask has a token at position 0; nothing stands before it");
  return at::constant_pad_nd(tokens.masked_fill(~mask, -1).slice(1, 1), {0, 1}, -1);
}

at::Tensor judgeable(const at::Tensor& valid) { return at::constant_pad_nd(valid.slice(1, 1), {1, 0}); }

at::Tensor sequence_log_probabilities(const ReadOut& said, const at::Tensor& targets) { return said.log_probabilities(targets).sum(1); }

at::Tensor target_cross_entropy(const ReadOut& said, const at::Tensor& targets) {
  const int64_t count = (targets >= 0).sum().item<int64_t>();
  if (count == 0) fail("[unlearning] there is no target");
  return -said.log_probabilities(targets).sum() / double(count);
}

at::Tensor target_divergence(const ReadOut& said, const ReadOut& reference, const at::Tensor& targets) {
  const auto counted = targets >= 0;
  return said.divergence(reference, counted).sum() / counted.sum().item<double>();
}

at::Tensor gradient_ascent_loss(const at::Tensor& forget_cross_entropy) { return -forget_cross_entropy; }

at::Tensor grad_diff_loss(const at::Tensor& forget_cross_entropy, const at::Tensor& retain_loss, double gamma,
                          double alpha) {
  return retain_loss * alpha - forget_cross_entropy * gamma;
}

at::Tensor npo_loss(const at::Tensor& log_p, const at::Tensor& reference_log_p, double beta) {
  return scaled_log_sigmoid((reference_log_p - log_p) * beta, beta);
}

at::Tensor simnpo_loss(const at::Tensor& log_p, const at::Tensor& lengths, double beta, double delta) {
  return scaled_log_sigmoid((-log_p / lengths - delta) * beta, beta);
}

at::Tensor dpo_loss(const at::Tensor& preferred, const at::Tensor& reference_preferred, const at::Tensor& rejected,
                    const at::Tensor& reference_rejected, double beta) {
  return -at::log_sigmoid((preferred - reference_preferred - rejected + reference_rejected) * beta).mean();
}

at::Tensor control_direction(int64_t d, Random random) {
  auto u = at::empty({d}, at::kFloat);
  for (int64_t i = 0; i < d; ++i) u.data_ptr<float>()[i] = float(random.uniform());
  return u / u.norm();
}

at::Tensor squared_distance(const at::Tensor& h, const at::Tensor& target, const at::Tensor& mask) {
  return (rows_of(h, mask) - rows_of(target, mask)).square().sum(-1).mean();
}

at::Tensor rmu_loss(const at::Tensor& h, const at::Tensor& u, double c, const at::Tensor& mask) {
  return squared_distance(h, u * c, mask);
}

at::Tensor adaptive_rmu_loss(const at::Tensor& h, const at::Tensor& reference, const at::Tensor& u, double s,
                             const at::Tensor& mask) {
  return squared_distance(h, reference.norm(2, -1, true) * u * s, mask);
}

at::Tensor rerouting_loss(const at::Tensor& h, const at::Tensor& reference, const at::Tensor& mask) {
  return at::cosine_similarity(rows_of(h, mask), rows_of(reference, mask), -1).relu().mean();
}

at::Tensor distance(const at::Tensor& h, const at::Tensor& reference, const at::Tensor& mask) {
  return (rows_of(h, mask) - rows_of(reference, mask)).norm(2, -1).mean();
}

ReroutingWeights rerouting_weights(double alpha, int64_t step, int64_t steps) {
  const double done = double(step) / (2 * double(steps));
  return {alpha * (1 - done), alpha * done};
}

}  // namespace fairfight
