#include "fairfight/disciplines/concept/discipline.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

class BestFeature final : public Contestant<Concept> {
 public:
  std::string_view name() const override { return "best_feature"; }
  std::string_view title() const override { return "dictionary's best feature"; }
  std::string_view about() const override { return "the decoder direction along which the classes' means are furthest apart, in standard deviations, to the side of documents with it"; }
  Role role() const override { return Role::challenger; }
  SearchSpace space() const override { return {}; }

  std::unique_ptr<Direction> prepare(Corner<Concept>& corner, const Settings&) const override {
    const at::Tensor& atoms = corner.dictionary()->w_dec();
    const auto along = [&](const Batch& documents) {
      const auto x = document_means(corner.model(), corner.site(), documents);
      return x.matmul(atoms.t());  // [docs, width]
    };
    const auto with = along(corner.offer().with), without = along(corner.offer().without);
    const auto apart = (with.mean(0) - without.mean(0)) / (with.var(0) + without.var(0)).sqrt().clamp_min(1e-12);
    const int64_t best = apart.abs().argmax().item<int64_t>();
    return std::make_unique<Direction>(Direction{corner.site(), atoms[best] * apart[best].sign()});
  }
};

}  // namespace

std::unique_ptr<const Contestant<Concept>> best_feature() { return std::make_unique<BestFeature>(); }

}  // namespace fairfight
