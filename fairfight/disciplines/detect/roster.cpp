#include "fairfight/disciplines/detect/roster.h"

namespace fairfight {

using Detective = std::unique_ptr<const Contestant<Detect>>;

// Challengers, who use a dictionary
Detective reconstruction_error(), sparsity(), rarity();

// Baselines on activations
Detective activation_norm(), mean_distance(), pca_residual(), pca_equal_fvu(), ppca(), dense_autoencoder(), mahalanobis(), relative_mahalanobis(), gmm();
Detective knn(), lof(), isolation_forest(), one_class_svm(), ecod(), copod(), hbos();
Detective pooled_mahalanobis(), pooled_knn();

// Baselines on outputs
Detective perplexity(), max_softmax(), entropy(), energy(), min_k(), grad_norm();

// Perplexity joined with one of the above
Detective perplexity_knn(), perplexity_pooled_mahalanobis(), perplexity_reconstruction_error(), perplexity_rarity();

// A reference outside the contest
Detective supervised_probe();

const Roster<Detect>& detectors() {
  static const Roster<Detect> list = [] {
    Roster<Detect> roster;
    for (auto make : {
             reconstruction_error,
             sparsity,
             rarity,

             activation_norm,
             mean_distance,
             pca_residual,
             pca_equal_fvu,
             ppca,
             dense_autoencoder,
             mahalanobis,
             relative_mahalanobis,
             gmm,
             knn,
             lof,
             isolation_forest,
             one_class_svm,
             ecod,
             copod,
             hbos,
             pooled_mahalanobis,
             pooled_knn,

             perplexity,
             max_softmax,
             entropy,
             energy,
             min_k,
             grad_norm,

             perplexity_knn,
             perplexity_pooled_mahalanobis,
             perplexity_reconstruction_error,
             perplexity_rarity,

             supervised_probe,
         })
      roster.push_back(make());
    return roster;
  }();
  return list;
}

}  // namespace fairfight
