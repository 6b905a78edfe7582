#include "fairfight/contestants/detect/roster.h"

namespace fairfight {

using Detective = std::unique_ptr<const Contestant<Detector>>;
Detective reconstruction_error(), activation_norm(), pca_residual(), mahalanobis(), knn(), perplexity();

const Roster<Detector>& detectors() {
  static const Roster<Detector> list = [] {
    Roster<Detector> roster;
    for (auto make : {
             reconstruction_error,
             activation_norm,
             pca_residual,
             mahalanobis,
             knn,
             perplexity,
         })
      roster.push_back(make());
    return roster;
  }();
  return list;
}

}  // namespace fairfight
