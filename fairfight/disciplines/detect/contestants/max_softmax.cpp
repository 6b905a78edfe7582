#include "fairfight/disciplines/detect/roster.h"
#include "fairfight/disciplines/detect/tokenwise.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

class MaxSoftmax final : public OutputDetector {
 public:
  std::string_view name() const override { return "max_softmax"; }
  std::string_view title() const override { return "maximum softmax"; }
  std::string_view about() const override { return "−log max p of the next token, after each token (Hendrycks & Gimpel 2017)"; }

  at::Tensor measure(const Outputs& outputs, const at::Tensor&, const Settings&) const override { return -outputs.max_log_probability; }
};

}  // namespace

std::unique_ptr<const Contestant<Detect>> max_softmax() { return std::make_unique<MaxSoftmax>(); }

}  // namespace fairfight
