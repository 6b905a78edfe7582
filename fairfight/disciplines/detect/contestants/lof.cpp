#include "fairfight/disciplines/detect/roster.h"
#include "fairfight/disciplines/detect/tokenwise.h"
#include "fairfight/methods/neighbours.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

/// Mean of the densities of a row's neighbours, [n, k] -> [n].
at::Tensor mean_of(const at::Tensor& values, const at::Tensor& index) { return values.take(index.to(at::kLong)).mean(1); }

/// 1 / mean over a row's neighbours o of max(distance to o, o's own k-distance).
at::Tensor reach_density(const Neighbours& near, const at::Tensor& k_distance) {
  return 1 / (at::maximum(near.distance, k_distance.take(near.index.to(at::kLong))).mean(1) + 1e-10);
}

class LocalOutlierFactor final : public RowDetector {
  static constexpr int64_t kBank = 4096;  // clean rows kept: the fit costs their square, a score grows with them

 public:
  std::string_view name() const override { return "lof"; }
  std::string_view title() const override { return "local outlier factor"; }
  std::string_view about() const override {
    return "mean density of x's k neighbours among 4,096 clean tokens / density at x (Breunig et al. 2000), for rows not in the bank";
  }
  SearchSpace fit_space() const override { return SearchSpace().hyperparameter("k", {3, 5, 10, 20, 50}); }

  RowFit fit(Corner<Detect>& corner, const Settings& settings) const override {
    const auto rows = corner.pool().slice(0, 0, kBank);
    const int64_t k = settings.integer("k");
    const NeighbourBank bank(rows);
    const auto own = bank.of_itself(k);
    const auto k_distance = own.distance.select(1, k - 1).contiguous();
    const auto density = reach_density(own, k_distance);
    const auto score = [bank, k, k_distance, density](const at::Tensor& x) {
      const auto near = bank.nearest(x, k);
      return mean_of(density, near.index) / reach_density(near, k_distance);
    };
    return score;
  }
};

}  // namespace

std::unique_ptr<const Contestant<Detect>> lof() { return std::make_unique<LocalOutlierFactor>(); }

}  // namespace fairfight
