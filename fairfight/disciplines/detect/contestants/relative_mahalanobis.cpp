#include "fairfight/disciplines/detect/roster.h"
#include "fairfight/disciplines/detect/tokenwise.h"
#include "fairfight/methods/clusters.h"
#include "fairfight/methods/covariance.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

class RelativeMahalanobis final : public RowDetector {
  static constexpr int64_t kRows = 16384;  // of the pool: the clusters are found in them; the covariances see all rows of their own

 public:
  std::string_view name() const override { return "relative_mahalanobis"; }
  std::string_view title() const override { return "relative Mahalanobis"; }
  std::string_view about() const override {
    return "min over k-means clusters of (x − μ_c)ᵀ Σ_w⁻¹ (x − μ_c), minus (x − μ)ᵀ Σ⁻¹ (x − μ) (Ren et al. 2021); 16,384 clean tokens";
  }
  SearchSpace fit_space() const override { return SearchSpace().hyperparameter("clusters", {4, 16, 64, 256}); }

  RowFit fit(Corner<Detect>& corner, const Settings& settings) const override {
    const auto pool = corner.pool().slice(0, 0, kRows);
    const auto clusters = k_means(pool, settings.integer("clusters"), corner.random("clusters"));
    const auto within = ledoit_wolf(pool - clusters.centroids.index_select(0, clusters.labels.to(at::kLong)));
    const Mahalanobis background(ledoit_wolf(pool));

    // M_c is a Euclidean distance once Σ_w = LLᵀ is divided out; the part ‖L⁻¹x‖² is the same for every cluster.
    const auto factor = at::linalg_cholesky(within.covariance);
    const auto whitened = [factor, mean = pool.mean(0, false, at::kDouble)](const at::Tensor& x) {
      return at::linalg_solve_triangular(factor, (x.to(at::kDouble) - mean).t(), /*upper=*/false).t();
    };
    const auto score = [whitened, background, centroids = whitened(clusters.centroids)](const at::Tensor& x) {
      const auto y = whitened(x);
      const auto nearest = (centroids.square().sum(1) - 2 * y.mm(centroids.t())).amin(1);
      return y.square().sum(1) + nearest - background.distances(x);
    };
    return score;
  }
};

}  // namespace

std::unique_ptr<const Contestant<Detect>> relative_mahalanobis() { return std::make_unique<RelativeMahalanobis>(); }

}  // namespace fairfight
