#include "fairfight/contestants/detect/tokenwise.h"
#include "fairfight/contestants/detect/roster.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

class ReconstructionError final : public Contestant<Detector> {
 public:
  std::string_view name() const override { return "reconstruction_error"; }
  std::string_view title() const override { return "dictionary's reconstruction error"; }
  std::string_view about() const override { return "‖x − x̂‖² / ‖x − μ‖² a token, μ the mean of the clean pool (the essay's T3)"; }
  Role role() const override { return Role::challenger; }
  SearchSpace space() const override { return SearchSpace().knob("aggregation", aggregations()); }

  std::unique_ptr<Detector> prepare(Corner& corner, const Settings& settings) const override {
    const Dictionary* dictionary = &corner.dictionary();
    const auto mean = corner.pool().mean(0);
    const auto score = [dictionary, mean](const at::Tensor& x) {
      return (x - dictionary->reconstruct(x)).square().sum(1) / ((x - mean).square().sum(1) + 1e-12);
    };
    return tokenwise(corner.site(), score, settings.text("aggregation"));
  }
};

}  // namespace

std::unique_ptr<const Contestant<Detector>> reconstruction_error() { return std::make_unique<ReconstructionError>(); }

}  // namespace fairfight
