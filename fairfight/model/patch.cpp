#include "fairfight/model/patch.h"

#include "fairfight/model/torch.h"

namespace fairfight {

ReadOut read_out(const Transformer& model, const Hooks& hooks, const at::Tensor& tokens, const Taps& taps) {
  if (hooks.empty()) return model.read_out(tokens, taps);
  Taps all;
  std::vector<Hook::Afterwards> afterwards;
  for (const auto& hook : hooks) afterwards.push_back(hook->attach(model.config(), all));
  all.append(taps);
  ReadOut said = model.read_out(tokens, all);
  for (const auto& then : afterwards)
    if (then) then(said, tokens, taps.positions());
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
