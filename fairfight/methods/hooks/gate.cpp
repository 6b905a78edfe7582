#include <fmt/ranges.h>

#include "fairfight/base/error.h"
#include "fairfight/methods/hooks.h"
#include "fairfight/methods/hooks/begun_refusal.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

class GateHook final : public Hook {
 public:
  explicit GateHook(Gate gate) : gate_(std::move(gate)), refusal_(gate_.refusal), limits_(at::tensor(gate_.thresholds, at::kDouble)) {}

  std::string_view kind() const override { return "gate"; }
  std::string about() const override {
    return fmt::format("where {} at {} exceed{} {:.4g}{}, the refusal of {} tokens", gate_.thresholds.size() == 1 ? "a linear probe" : fmt::format("{} linear probes", gate_.thresholds.size()), gate_.site.name(),
                       gate_.thresholds.size() == 1 ? "s" : "", fmt::join(gate_.thresholds, " and "), gate_.beyond ? fmt::format(" and a squared distance {:.4g}", gate_.beyond->radius) : "", gate_.refusal.size());
  }

  Afterwards attach(const Config& config, Taps& taps) const override {
    require_width(config, gate_.site, gate_.weights.size(1));
    refusal_.check(config);
    const auto x = std::make_shared<at::Tensor>();  // of the pass that is on
    taps.read(gate_.site, x.get());
    return [this, x, pass = refusal_.pass()](ReadOut& said, const Chunk& chunk, const at::Tensor& selected) {
      const auto here = x->detach().to(at::kDouble);
      auto closed = (here.matmul(gate_.weights.t()) > limits_).all(-1);
      if (gate_.beyond) closed &= (here - gate_.beyond->mean).matmul(gate_.beyond->root.t()).square().sum(-1) > gate_.beyond->radius;
      pass->say(said, chunk, selected, closed);
    };
  }
  Gradient gradient() const override { return Gradient::none; }

  Json settings() const override {
    Json settings{{"site", gate_.site.name()}, {"thresholds", gate_.thresholds}, {"refusal", gate_.refusal}};
    if (gate_.beyond) settings["radius"] = gate_.beyond->radius;
    return settings;
  }
  Tensors tensors() const override {
    Tensors tensors{{"weights", gate_.weights}};
    if (gate_.beyond) tensors.insert({{"mean", gate_.beyond->mean}, {"root", gate_.beyond->root}});
    return tensors;
  }

 private:
  Gate gate_;
  BegunRefusal refusal_;
  at::Tensor limits_;  // [n]
};

std::shared_ptr<const Hook> rebuild_gate(const Json& settings, const Tensors& tensors) {
  Fields fields(settings, "hook.settings");
  Gate gate{Site::parse(fields.text("site")), require_hook_tensor(tensors, "weights", at::kDouble, {-1, -1}), {}, {}};
  for (const Json& threshold : fields.any("thresholds")) {
    if (!threshold.is_number()) fail("[gate] hook.settings.thresholds: got {}, expected numbers", threshold.dump());
    gate.thresholds.push_back(threshold.get<double>());
  }
  for (const int64_t token : fields.integers("refusal", 0, INT32_MAX)) gate.refusal.push_back(int32_t(token));
  if (fields.has("radius")) gate.beyond = Beyond{require_hook_tensor(tensors, "mean", at::kDouble, {gate.weights.size(1)}), require_hook_tensor(tensors, "root", at::kDouble, {-1, gate.weights.size(1)}), fields.number("radius")};
  fields.finish();
  return gate_hook(std::move(gate));
}

}  // namespace

std::shared_ptr<const Hook> gate_hook(Gate gate) {
  if (gate.weights.dim() != 2 || gate.weights.size(0) != int64_t(gate.thresholds.size()) || gate.thresholds.empty())
    fail("[gate_hook] got weights of {} dimensions and {} thresholds, expected [n, d] and n", gate.weights.dim(), gate.thresholds.size());
  gate.weights = gate.weights.detach().to(at::kDouble).contiguous();
  if (gate.beyond && (gate.beyond->mean.sizes() != at::IntArrayRef{gate.weights.size(1)} || gate.beyond->root.dim() != 2 || gate.beyond->root.size(1) != gate.weights.size(1)))
    fail("[gate_hook] got a mean of {} numbers for probes of {}", gate.beyond->mean.numel(), gate.weights.size(1));
  return std::make_shared<GateHook>(std::move(gate));
}

extern const HookKind kGate{"gate", rebuild_gate};

}  // namespace fairfight
