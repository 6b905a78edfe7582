#include <cmath>

#include "fairfight/disciplines/detect/roster.h"
#include "fairfight/disciplines/detect/tokenwise.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

class MinK final : public OutputDetector {
 public:
  std::string_view name() const override { return "min_k"; }
  std::string_view title() const override { return "min-k%"; }
  std::string_view about() const override { return "minus the mean of the k % smallest log p(token) of a document (Shi et al. 2024)"; }
  SearchSpace fit_space() const override { return SearchSpace().hyperparameter("k", {1, 2, 5, 10, 20, 40}); }

  at::Tensor measure(const Outputs& outputs, const at::Tensor& valid, const Settings& settings) const override {
    const auto ascending = std::get<0>(outputs.log_probability.to(at::kDouble).masked_fill(~valid, INFINITY).sort(1));
    const auto count = at::floor_divide(valid.sum(1) * settings.integer("k"), 100).clamp_min(1).unsqueeze(1);
    const auto lowest = at::arange(valid.size(1)).unsqueeze(0) < count;
    return -(ascending.masked_fill(~lowest, 0).sum(1) / count.squeeze(1));
  }
};

}  // namespace

std::unique_ptr<const Contestant<Detect>> min_k() { return std::make_unique<MinK>(); }

}  // namespace fairfight
