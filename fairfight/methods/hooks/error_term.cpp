#include "fairfight/methods/hooks/error_term.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "fairfight/acts/sinks.h"
#include "fairfight/base/error.h"
#include "fairfight/dict/kinds.h"
#include "fairfight/methods/hooks.h"
#include "fairfight/methods/signed_features.h"
#include "fairfight/model/torch.h"

namespace fairfight {

Hook::Afterwards ErrorTermHook::attach(const Config& config, Taps& taps) const {
  require_width(config, site_, dictionary_->d_model());
  const auto edit = [this](const at::Tensor& x) {
    const auto rows = x.detach().reshape({-1, x.size(2)});
    const auto sinks = no_sinks(rows, dictionary_->most_norm()).logical_not().unsqueeze(1);
    return x + change(rows, dictionary_->reconstruct(rows)).masked_fill(sinks, 0).view(x.sizes());
  };
  taps.edit(site_, [edit](const at::Tensor& x, const Chunk& chunk) { return edit_from(1, x, chunk, edit); });
  return nullptr;
}

Json ErrorTermHook::settings() const { return {{"site", site_.name()}, {"dictionary", dictionary_->kind()}}; }

Tensors ErrorTermHook::tensors() const {
  Tensors all;
  for (const auto& [name, tensor] : dictionary_->tensors()) all["dictionary." + name] = tensor;
  return all;
}

std::shared_ptr<const Dictionary> rebuild_dictionary(const Tensors& tensors, const std::string& prefix, const std::string& kind) {
  Tensors own;
  for (const auto& [name, tensor] : tensors)
    if (name.starts_with(prefix)) own[name.substr(prefix.size())] = tensor;
  return rebuild(kind, own);
}

namespace {

class ErrorHook final : public ErrorTermHook {
 public:
  ErrorHook(std::shared_ptr<const Dictionary> dictionary, AffineEdit edit) : ErrorTermHook(std::move(dictionary), edit.site), edit_(std::move(edit)) {
    const int64_t d = this->dictionary().d_model();
    if (edit_.mean.sizes() != at::IntArrayRef{d} || edit_.left.dim() != 2 || edit_.left.size(0) != d || edit_.right.sizes() != edit_.left.sizes())
      fail("[error_hook] got left [{}], right [{}], mean [{}], expected [{}, rank] twice and [{}]", fmt::join(edit_.left.sizes(), ", "),
           fmt::join(edit_.right.sizes(), ", "), fmt::join(edit_.mean.sizes(), ", "), d, d);
    for (auto* t : {&edit_.left, &edit_.right, &edit_.mean}) *t = t->detach().to(at::kFloat).contiguous();
  }
  std::string_view kind() const override { return "error"; }
  std::string about() const override { return fmt::format("x + L Rᵀ (e − μ) with the dictionary's error e at {}", site().name()); }
  Tensors tensors() const override {
    Tensors all = ErrorTermHook::tensors();
    all["left"] = edit_.left;
    all["right"] = edit_.right;
    all["mean"] = edit_.mean;
    return all;
  }

 protected:
  at::Tensor change(const at::Tensor& x, const at::Tensor& reconstruction) const override {
    return (x - reconstruction - edit_.mean).matmul(edit_.right).matmul(edit_.left.t());
  }

 private:
  AffineEdit edit_;
};

class BoostedHook final : public ErrorTermHook {
 public:
  BoostedHook(std::shared_ptr<const Dictionary> dictionary, std::shared_ptr<const Dictionary> second, Clamp clamp)
      : ErrorTermHook(std::move(dictionary), clamp.site), second_(std::move(second)), clamp_(std::move(clamp)), w_dec_(SignedFeatures::directions(*second_, clamp_.features)) {
    require_whole(clamp_);
    if (second_->d_model() != this->dictionary().d_model())
      fail("[boosted_hook] the dictionary is of width {}, the second one, of its error, {}", this->dictionary().d_model(), second_->d_model());
  }
  std::string_view kind() const override { return "boosted"; }
  std::string about() const override { return fmt::format("{} features of a second dictionary, of the error at {}, are set", clamp_.features.size(0), site().name()); }
  Json settings() const override {
    Json json = ErrorTermHook::settings();
    json["second"] = second_->kind();
    return json;
  }
  Tensors tensors() const override {
    Tensors all = ErrorTermHook::tensors();
    for (const auto& [name, tensor] : second_->tensors()) all["second." + name] = tensor;
    all["features"] = clamp_.features;
    all["value"] = clamp_.value;
    all["threshold"] = clamp_.threshold;
    return all;
  }

 protected:
  at::Tensor change(const at::Tensor& x, const at::Tensor& reconstruction) const override {
    const auto fired = SignedFeatures::fired(second_->encode((x - reconstruction).contiguous()), clamp_.features);
    return at::where(fired > clamp_.threshold, clamp_.value - fired, at::zeros({})).matmul(w_dec_);
  }

 private:
  std::shared_ptr<const Dictionary> second_;
  Clamp clamp_;
  at::Tensor w_dec_;
};

class FallbackHook final : public ErrorTermHook {
 public:
  FallbackHook(std::shared_ptr<const Dictionary> dictionary, const Site& site, double threshold)
      : ErrorTermHook(std::move(dictionary), site), threshold_(threshold) {}
  std::string_view kind() const override { return "fallback"; }
  std::string about() const override { return fmt::format("x̂ in x's place where the error exceeds {:.4g} at {}", threshold_, site().name()); }
  Json settings() const override {
    Json json = ErrorTermHook::settings();
    json["threshold"] = threshold_;
    return json;
  }

 protected:
  at::Tensor change(const at::Tensor& x, const at::Tensor& reconstruction) const override {
    const auto difference = reconstruction - x;
    return difference.masked_fill(difference.square().sum(1, true) <= threshold_, 0);
  }

 private:
  double threshold_;
};

std::shared_ptr<const Hook> rebuild_error(const Json& json, const Tensors& tensors) {
  Fields f(json, "hook.settings");
  AffineEdit edit{Site::parse(f.text("site")), {}, {}, {}};
  const std::string kind = f.text("dictionary");
  f.finish();
  edit.mean = require_hook_tensor(tensors, "mean", at::kFloat, {-1});
  edit.left = require_hook_tensor(tensors, "left", at::kFloat, {edit.mean.size(0), -1});
  edit.right = require_hook_tensor(tensors, "right", at::kFloat, edit.left.sizes());
  return error_hook(rebuild_dictionary(tensors, "dictionary.", kind), std::move(edit));
}

std::shared_ptr<const Hook> rebuild_boosted(const Json& json, const Tensors& tensors) {
  Fields f(json, "hook.settings");
  Clamp clamp{Site::parse(f.text("site")), {}, {}, {}};
  const std::string kind = f.text("dictionary"), second = f.text("second");
  f.finish();
  clamp.features = require_hook_tensor(tensors, "features", at::kLong, {-1});
  clamp.value = require_hook_tensor(tensors, "value", at::kFloat, clamp.features.sizes());
  clamp.threshold = require_hook_tensor(tensors, "threshold", at::kFloat, clamp.features.sizes());
  return boosted_hook(rebuild_dictionary(tensors, "dictionary.", kind), rebuild_dictionary(tensors, "second.", second), std::move(clamp));
}

std::shared_ptr<const Hook> rebuild_fallback(const Json& json, const Tensors& tensors) {
  Fields f(json, "hook.settings");
  const Site site = Site::parse(f.text("site"));
  const std::string kind = f.text("dictionary");
  const double threshold = f.number("threshold", 0);
  f.finish();
  return fallback_hook(rebuild_dictionary(tensors, "dictionary.", kind), site, threshold);
}

}  // namespace

extern const HookKind kError, kBoosted, kFallback;
const HookKind kError{"error", rebuild_error}, kBoosted{"boosted", rebuild_boosted}, kFallback{"fallback", rebuild_fallback};

std::shared_ptr<const Hook> error_hook(std::shared_ptr<const Dictionary> dictionary, AffineEdit edit) {
  return std::make_shared<ErrorHook>(std::move(dictionary), std::move(edit));
}
std::shared_ptr<const Hook> boosted_hook(std::shared_ptr<const Dictionary> dictionary, std::shared_ptr<const Dictionary> second, Clamp clamp) {
  return std::make_shared<BoostedHook>(std::move(dictionary), std::move(second), std::move(clamp));
}
std::shared_ptr<const Hook> fallback_hook(std::shared_ptr<const Dictionary> dictionary, const Site& site, double threshold) {
  return std::make_shared<FallbackHook>(std::move(dictionary), site, threshold);
}

}  // namespace fairfight
