#include "fairfight/disciplines/detect/roster.h"
#include "fairfight/disciplines/detect/tokenwise.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

class GradNorm final : public OutputDetector {
 public:
  std::string_view name() const override { return "grad_norm"; }
  std::string_view title() const override { return "GradNorm"; }
  std::string_view about() const override { return "−‖∂KL(uniform ‖ p) / ∂unembedding‖₁ after each token (Huang et al. 2021)"; }

  Outputs look(const SharedModel& model, const Batch& batch) const override {
    Outputs outputs;
    outputs.gradient_norm = model.gradient_norms(batch);
    return outputs;
  }
  at::Tensor measure(const Outputs& outputs, const at::Tensor&, const Settings&) const override { return -outputs.gradient_norm; }
};

}  // namespace

std::unique_ptr<const Contestant<Detect>> grad_norm() { return std::make_unique<GradNorm>(); }

}  // namespace fairfight
