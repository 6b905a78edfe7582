#include <fmt/format.h>

#include "fairfight/base/error.h"
#include "fairfight/methods/hooks.h"
#include "fairfight/methods/hooks/begun_refusal.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

class GateHook final : public Hook {
 public:
  explicit GateHook(Gate gate) : gate_(std::move(gate)), refusal_(gate_.refusal) {}

  std::string_view kind() const override { return "gate"; }
  std::string about() const override {
    return fmt::format("where a linear probe at {} exceeds {:.4g}, the refusal of {} tokens", gate_.site.name(), gate_.threshold,
                       gate_.refusal.size());
  }

  Afterwards attach(const Config& config, Taps& taps) const override {
    require_width(config, gate_.site, gate_.weights.size(0));
    refusal_.check(config);
    const auto x = std::make_shared<at::Tensor>();  // of the pass that is on
    taps.read(gate_.site, x.get());
    return [this, x, pass = refusal_.pass()](ReadOut& said, const Chunk& chunk, const at::Tensor& selected) {
      pass->say(said, chunk, selected, x->detach().to(at::kDouble).matmul(gate_.weights) > gate_.threshold);
    };
  }
  Gradient gradient() const override { return Gradient::none; }

  Json settings() const override { return {{"site", gate_.site.name()}, {"threshold", gate_.threshold}, {"refusal", gate_.refusal}}; }
  Tensors tensors() const override { return {{"weights", gate_.weights}}; }

 private:
  Gate gate_;
  BegunRefusal refusal_;
};

std::shared_ptr<const Hook> rebuild_gate(const Json& settings, const Tensors& tensors) {
  Fields fields(settings, "hook.settings");
  Gate gate{Site::parse(fields.text("site")), require_hook_tensor(tensors, "weights", at::kDouble, {-1}), fields.number("threshold"), {}};
  for (const int64_t token : fields.integers("refusal", 0, INT32_MAX)) gate.refusal.push_back(int32_t(token));
  fields.finish();
  return gate_hook(std::move(gate));
}

}  // namespace

std::shared_ptr<const Hook> gate_hook(Gate gate) {
  if (gate.weights.dim() != 1) fail("[gate_hook] got weights of {} dimensions, expected [d]", gate.weights.dim());
  gate.weights = gate.weights.detach().to(at::kDouble).contiguous();
  return std::make_shared<GateHook>(std::move(gate));
}

extern const HookKind kGate{"gate", rebuild_gate};

}  // namespace fairfight
