#include "fairfight/model/patch.h"

#include <algorithm>

#include "fairfight/base/error.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

bool learns(const Weights& weights) {
  auto all = weights.parameters();
  for (const auto& b : weights.blocks)
    for (const auto* map : {&b.q, &b.k, &b.v, &b.o, &b.gate, &b.in, &b.out}) all.push_back(map->adapter.a);
  return std::any_of(all.begin(), all.end(), [](const at::Tensor& w) { return w.defined() && w.requires_grad(); });
}

/// Weights may learn under such a hook: where it forces a token they learn nothing. An attack on what stands in front of it would search in vain.
void require_gradient(const Hooks& hooks) {
  for (const auto& hook : hooks)
    if (hook->gradient() == Hook::Gradient::none)
      fail("[patch] no gradient goes through the hook \"{}\" ({}); attack without gradients, or drop the hook", hook->kind(), hook->about());
}

}  // namespace

Attached::Attached(const Hooks& hooks, const Config& config) : hooks_(hooks) {
  for (const auto& hook : hooks_) afterwards_.push_back(hook->attach(config, taps_));
}

void Attached::finish(ReadOut& said, const Chunk& chunk, const at::Tensor& selected) const {
  for (const auto& then : afterwards_)
    if (then) then(said, chunk, selected);
}

ReadOut read_out(const Transformer& model, const Hooks& hooks, const at::Tensor& tokens, const Taps& taps) {
  if (hooks.empty()) return model.read_out(tokens, taps);
  Attached attached(hooks, model.config());
  attached.taps().append(taps);
  ReadOut said = model.read_out(tokens, attached.taps());
  if (said.learns() && !learns(model.weights())) require_gradient(hooks);
  attached.finish(said, Chunk::whole(tokens), taps.positions());
  return said;
}

at::Tensor Hook::logits(const Transformer& model, const at::Tensor& tokens, const Taps& taps) const {
  return fairfight::read_out(model, {std::shared_ptr<const Hook>(std::shared_ptr<void>(), this)}, tokens, taps).logits();
}

Patch Patch::then(const Patch& later) const {
  Patch both{later.weights ? later.weights : weights, hooks, note.empty() ? later.note : note};
  both.hooks.insert(both.hooks.end(), later.hooks.begin(), later.hooks.end());
  return both;
}

}  // namespace fairfight
