#include "fairfight/disciplines/detect/fused.h"

#include "fairfight/disciplines/detect/roster.h"

namespace fairfight {

using Detective = std::unique_ptr<const Contestant<Detect>>;

Detective knn(), pooled_mahalanobis(), reconstruction_error(), rarity();

Detective perplexity_knn() { return std::make_unique<Fused>(knn()); }
Detective perplexity_pooled_mahalanobis() { return std::make_unique<Fused>(pooled_mahalanobis()); }
Detective perplexity_reconstruction_error() { return std::make_unique<Fused>(reconstruction_error()); }
Detective perplexity_rarity() { return std::make_unique<Fused>(rarity()); }

}  // namespace fairfight
