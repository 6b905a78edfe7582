#include "fairfight/disciplines/detect/roster.h"
#include "fairfight/disciplines/detect/tokenwise.h"
#include "fairfight/methods/neighbours.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

at::Tensor unit(const at::Tensor& x) { return x / (x.norm(2, 1, true) + 1e-12); }

class NearestNeighbours final : public RowDetector {
 public:
  std::string_view name() const override { return "knn"; }
  std::string_view title() const override { return "k nearest neighbours"; }
  std::string_view about() const override { return "distance of x/‖x‖ to its k-th neighbour among so many clean tokens (Sun et al. 2022)"; }
  SearchSpace fit_space() const override { return SearchSpace().hyperparameter("k", {1, 5, 10, 50}, Ends::open_above).hyperparameter("bank", {2048, 8192, 32768}, Ends::open_above); }

  RowFit fit(Corner<Detect>& corner, const Settings& settings) const override {
    const auto rows = corner.pool().slice(0, 0, settings.integer("bank"));
    const int64_t k = settings.integer("k");
    const NeighbourBank bank(unit(rows));
    return [bank, k](const at::Tensor& x) { return bank.nearest(unit(x), k).distance.select(1, k - 1); };
  }
};

}  // namespace

std::unique_ptr<const Contestant<Detect>> knn() { return std::make_unique<NearestNeighbours>(); }

}  // namespace fairfight
