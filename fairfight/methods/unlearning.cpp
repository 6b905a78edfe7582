#include "fairfight/methods/unlearning.h"

#include <fmt/ranges.h>

#include "fairfight/base/error.h"
#include "fairfight/model/kernels.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

void require_answers(const at::Tensor& logits, const at::Tensor& tokens, const at::Tensor& mask) {
  if (logits.dim() != 3 || tokens.sizes() != logits.sizes().slice(0, 2) || mask.sizes() != tokens.sizes() ||
      mask.scalar_type() != at::kBool)
    fail(
        "[unlearning] got logits [{}], tokens [{}], mask [{}], expected [docs, pos, vocab] and twice [docs, pos], the mask "
        "of bools",
        fmt::join(logits.sizes(), ", "), fmt::join(tokens.sizes(), ", "), fmt::join(mask.sizes(), ", "));
  if (mask.select(1, 0).any().item<bool>())
    fail("[unlearning] the mask has a token at position 0; nothing stands before it");
}

at::Tensor rows_of(const at::Tensor& x, const at::Tensor& mask) {
  return x.expand({mask.size(0), mask.size(1), x.size(-1)}).index({mask});
}

at::Tensor scaled_log_sigmoid(const at::Tensor& x, double beta) { return at::log_sigmoid(x).mean() * (-2 / beta); }

}  // namespace

at::Tensor sequence_log_probabilities(const at::Tensor& logits, const at::Tensor& tokens, const at::Tensor& mask) {
  require_answers(logits, tokens, mask);
  // Only the rows that are asked for: an answer is short.
  const auto judged = mask.slice(1, 1);
  const auto log_p = logits.slice(1, 0, -1)
                         .index({judged})
                         .log_softmax(-1)
                         .gather(1, tokens.slice(1, 1).index({judged}).unsqueeze(1))
                         .squeeze(1);
  return at::zeros({tokens.size(0)}, log_p.options()).index_add(0, judged.nonzero().select(1, 0), log_p);
}

at::Tensor masked_cross_entropy(const at::Tensor& logits, const at::Tensor& tokens, const at::Tensor& mask) {
  require_answers(logits, tokens, mask);
  if (!mask.any().item<bool>()) fail("[unlearning] the mask is empty");
  const auto targets = tokens.masked_fill(~mask, -1).slice(1, 1);
  return cross_entropy(logits.slice(1, 0, -1).flatten(0, 1), targets.flatten());
}

at::Tensor masked_divergence(const at::Tensor& logits, const at::Tensor& reference_logits, const at::Tensor& mask) {
  const auto judged = mask.slice(1, 1);
  const auto log_p = [&](const at::Tensor& x) { return x.slice(1, 0, -1).index({judged}).log_softmax(-1); };
  const auto reference = log_p(reference_logits.detach());
  return (reference.exp() * (reference - log_p(logits))).sum(-1).mean();
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
