#include "fairfight/contestants/detect/roster.h"
#include "fairfight/contestants/detect/tokenwise.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

constexpr int64_t kBank = 8192;  // clean rows kept: the cost of a score grows with them

at::Tensor unit(const at::Tensor& x) { return x / (x.norm(2, 1, true) + 1e-12); }

class NearestNeighbours final : public Contestant<Detector> {
 public:
  std::string_view name() const override { return "knn"; }
  std::string_view title() const override { return "k nearest neighbours"; }
  std::string_view about() const override { return "distance of x/‖x‖ to its k-th neighbour among 8,192 clean tokens (Sun et al. 2022)"; }
  Role role() const override { return Role::baseline; }
  SearchSpace space() const override { return SearchSpace().knob("k", {1, 5, 10, 50}).knob("aggregation", aggregations()); }

  std::unique_ptr<Detector> prepare(Corner& corner, const Settings& settings) const override {
    const auto& pool = corner.pool();
    const auto bank = unit(pool.slice(0, 0, std::min(kBank, pool.size(0))));
    const int64_t k = settings.integer("k");
    const auto score = [bank, k](const at::Tensor& x) {
      // On the unit sphere ‖a − b‖² = 2 − 2 a·b: the k-th neighbour has the k-th largest product.
      const auto products = unit(x).mm(bank.t());
      return (2 - 2 * std::get<0>(products.topk(k, 1)).select(1, k - 1)).clamp_min(0).sqrt();
    };
    return tokenwise(corner.site(), score, settings.text("aggregation"));
  }
};

}  // namespace

std::unique_ptr<const Contestant<Detector>> knn() { return std::make_unique<NearestNeighbours>(); }

}  // namespace fairfight
