#include "fairfight/stress/relearner.h"

#include "fairfight/base/error.h"
#include "fairfight/base/stop.h"
#include "fairfight/methods/finetune.h"
#include "fairfight/methods/unlearning.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

Weights trainable(const Transformer& model) {
  Weights weights = model.weights().clone();
  for (auto& w : weights.parameters()) w.requires_grad_(true);
  return weights;
}

Patch learning(const Transformer& original, const Weights& weights, const Hooks& hooks) {
  const auto model = std::make_shared<Transformer>(original.config(), weights);
  model->set_precision(training_precision());
  return {model, hooks};
}

double root_mean_square(const at::Tensor& w) { return w.detach().square().mean().sqrt().item<double>(); }

/// How long each tensor is beside the original's: the units in which it is trained. A model says the same with its norms' gains divided and what reads them multiplied by anything, and
/// Adam's steps know no lengths: at one rate for all they would wreck the small ones and leave the long ones as they are.
std::vector<double> lengths(const Transformer& original, const Weights& weights) {
  const auto now = weights.parameters(), before = weights.counterparts(original.weights());
  std::vector<double> list;
  for (size_t i = 0; i < now.size(); ++i) {
    const double was = before[i].defined() ? root_mean_square(before[i]) : 0, is = root_mean_square(now[i]);
    list.push_back(was > 0 && is > 0 ? is / was : 1);
  }
  return list;
}

}  // namespace

Relearner::Relearner(const Transformer& original, const Patch& patch, double learning_rate)
    : original_(original),
      learning_rate_(rate_at_width(learning_rate, original.config().d_model)),
      weights_(trainable(patch.weights ? *patch.weights : original)),
      attacked_(learning(original, weights_, patch.hooks)),
      optimizer_(weights_.parameters(), FineTuneSettings().adam, lengths(original, weights_)) {}

bool Relearner::learn(std::span<const Passage> documents) {
  check_stop();
  std::vector<Tokens> texts;
  for (const Passage& p : documents) texts.emplace_back(p.tokens.begin(), p.tokens.begin() + int64_t(p.end));
  const Batch batch = pad(texts);
  target_cross_entropy(attacked_.read_out(original_, batch.tokens), targets_of(batch.tokens, judgeable(batch.valid))).backward();
  try {
    optimizer_.step(learning_rate_);
  } catch (const Error&) {
    return false;
  }
  return true;
}

}  // namespace fairfight
