#include "fairfight/disciplines/detect/roster.h"
#include "fairfight/disciplines/detect/tokenwise.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

class Perplexity final : public OutputDetector {
 public:
  std::string_view name() const override { return "perplexity"; }
  std::string_view title() const override { return "perplexity"; }
  std::string_view about() const override { return "the model's own −log p(token): needs no activations"; }

  at::Tensor measure(const Outputs& outputs, const at::Tensor&, const Settings&) const override { return -outputs.log_probability; }
};

}  // namespace

std::unique_ptr<const Contestant<Detect>> perplexity() { return std::make_unique<Perplexity>(); }

}  // namespace fairfight
