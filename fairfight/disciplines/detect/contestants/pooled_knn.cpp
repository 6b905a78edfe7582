#include "fairfight/disciplines/detect/pooled.h"
#include "fairfight/disciplines/detect/roster.h"
#include "fairfight/methods/neighbours.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

class PooledNeighbours final : public PooledDetector {
 public:
  std::string_view name() const override { return "pooled_knn"; }
  std::string_view title() const override { return "k nearest documents"; }
  std::string_view about() const override { return "distance of a document's mean activation x/‖x‖, after one block or all, to its k-th neighbour among all clean documents (Sun et al. 2022)"; }
  SearchSpace fit_space() const override { return SearchSpace().hyperparameter("k", {1, 2, 5, 10, 50, 200}, Ends::open_above); }

  RowFit fit(const at::Tensor& documents, const Settings& settings) const override {
    const auto unit = [](const at::Tensor& x) { return x / (x.norm(2, 1, true) + 1e-12); };
    const NeighbourBank bank(unit(documents));
    return [bank, unit, k = settings.integer("k")](const at::Tensor& x) { return bank.nearest(unit(x), k).distance.select(1, k - 1); };
  }
};

}  // namespace

std::unique_ptr<const Contestant<Detect>> pooled_knn() { return std::make_unique<PooledNeighbours>(); }

}  // namespace fairfight
