#include <fmt/format.h>

#include "fairfight/base/error.h"
#include "fairfight/methods/hooks.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

class BiasHook final : public Hook {
 public:
  explicit BiasHook(at::Tensor bias) : bias_(std::move(bias)) {}

  std::string_view kind() const override { return "bias"; }
  std::string about() const override { return fmt::format("{} tokens made likelier or less likely everywhere, by up to {:.4g} nats", bias_.count_nonzero().item<int64_t>(), bias_.abs().max().item<double>()); }

  Afterwards attach(const Config& config, Taps&) const override {
    if (bias_.size(0) != config.vocab) fail("[bias] got a bias of {} tokens, the model has {}", bias_.size(0), config.vocab);
    return [this](ReadOut& said, const Chunk&, const at::Tensor&) { said = said.biased(bias_); };
  }
  Gradient gradient() const override { return Gradient::exact; }

  Json settings() const override { return Json::object(); }
  Tensors tensors() const override { return {{"bias", bias_}}; }

 private:
  at::Tensor bias_;
};

std::shared_ptr<const Hook> rebuild_bias(const Json& settings, const Tensors& tensors) {
  Fields(settings, "hook.settings").finish();
  return bias_hook(require_hook_tensor(tensors, "bias", at::kFloat, {-1}));
}

}  // namespace

std::shared_ptr<const Hook> bias_hook(const at::Tensor& bias) {
  if (bias.dim() != 1 || bias.size(0) == 0) fail("[bias_hook] got a bias of {} dimensions, expected one number a token", bias.dim());
  return std::make_shared<BiasHook>(bias.detach().to(at::kFloat).contiguous());
}

extern const HookKind kBias{"bias", rebuild_bias};

}  // namespace fairfight
