#include <fmt/format.h>

#include "fairfight/base/error.h"
#include "fairfight/dict/kinds.h"
#include "fairfight/methods/hooks.h"
#include "fairfight/methods/signed_features.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

class ClampHook final : public Hook {
 public:
  ClampHook(std::shared_ptr<const Dictionary> dictionary, Clamp settings)
      : dictionary_(std::move(dictionary)), s_(std::move(settings)), w_dec_(SignedFeatures::directions(*dictionary_, s_.features)) {
    require_whole(s_);
  }

  std::string_view kind() const override { return "clamp"; }
  std::string about() const override {
    return fmt::format("{} features at {} are set where {}", s_.features.size(0), s_.site.name(),
                       s_.sequence_share < 0 ? "they fire" : fmt::format("one fires in more than {:.3g} of the tokens", s_.sequence_share));
  }

  Afterwards attach(const Config& config, Taps& taps) const override {
    require_width(config, s_.site, dictionary_->d_model());
    const auto fired = std::make_shared<Carried>(1, at::kFloat);  // tokens at which a feature fired so far
    taps.edit(s_.site, [this, fired](const at::Tensor& x, const Chunk& chunk) { return edited(x, chunk, *fired); });
    return nullptr;
  }
  Gradient gradient() const override { return Gradient::straight_through; }

  Json settings() const override {
    return {{"site", s_.site.name()}, {"sequence_share", s_.sequence_share}, {"dictionary", dictionary_->kind()}};
  }
  std::map<std::string, at::Tensor> tensors() const override {
    std::map<std::string, at::Tensor> all{{"features", s_.features}, {"value", s_.value}, {"threshold", s_.threshold}};
    for (const auto& [name, tensor] : dictionary_->tensors()) all["dictionary." + name] = tensor;
    return all;
  }

 private:
  at::Tensor edited(const at::Tensor& x, const Chunk& chunk, Carried& fired_so_far) const {  // [batch, pos, d_model]
    const auto rows = x.detach().flatten(0, 1);
    const auto fired = SignedFeatures::fired(dictionary_->encode(rows), s_.features).unflatten(0, {x.size(0), x.size(1)});
    const auto positions = chunk.positions();
    auto acts = (fired > s_.threshold).logical_and((positions > 0).unsqueeze(2));  // [batch, pos, n]
    if (s_.sequence_share >= 0) {
      const auto any = acts.any(-1);
      const auto so_far = any.to(at::kFloat).cumsum(1) + fired_so_far.into(chunk);
      fired_so_far.keep(chunk, so_far.unsqueeze(2));
      const auto share = so_far / positions.clamp_min(1);
      acts = any.logical_and(share > s_.sequence_share).unsqueeze(-1).expand_as(acts);
    }
    return x + at::where(acts, s_.value - fired, at::zeros({})).matmul(w_dec_);
  }

  std::shared_ptr<const Dictionary> dictionary_;
  Clamp s_;
  at::Tensor w_dec_;  // [n, d_model]
};

std::shared_ptr<const Hook> rebuild_clamp(const Json& json, const Tensors& tensors) {
  Fields f(json, "clamp");
  Clamp clamp{Site::parse(f.text("site")), {}, {}, {}, f.number("sequence_share", -1, 1)};
  const std::string kind = f.text("dictionary");
  f.finish();
  Tensors own;
  for (const auto& [name, tensor] : tensors)
    if (name.starts_with("dictionary.")) own[name.substr(11)] = tensor;
  clamp.features = require_hook_tensor(tensors, "features", at::kLong, {-1});
  clamp.value = require_hook_tensor(tensors, "value", at::kFloat, {-1});
  clamp.threshold = require_hook_tensor(tensors, "threshold", at::kFloat, {-1});
  return clamp_hook(rebuild(kind, own), std::move(clamp));
}

}  // namespace

extern const HookKind kClamp;
const HookKind kClamp{"clamp", rebuild_clamp};

void require_whole(const Clamp& clamp) {
  if (clamp.features.dim() != 1 || clamp.value.sizes() != clamp.features.sizes() || clamp.threshold.sizes() != clamp.features.sizes())
    fail("[clamp] got {} features, {} values and {} thresholds, expected as many of each", clamp.features.numel(), clamp.value.numel(),
         clamp.threshold.numel());
  if (at::any(clamp.threshold < 0).item<bool>()) fail("[clamp] a threshold is below 0: a feature that is silent would count as one that fires");
}

std::shared_ptr<const Hook> clamp_hook(std::shared_ptr<const Dictionary> dictionary, Clamp clamp) {
  return std::make_shared<ClampHook>(std::move(dictionary), std::move(clamp));
}

}  // namespace fairfight
