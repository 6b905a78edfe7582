#include "fairfight/methods/isolation_forest.h"

#include <cmath>

#include "fairfight/disciplines/detect/roster.h"
#include "fairfight/disciplines/detect/tokenwise.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

constexpr int64_t kTrees = 100;

class Isolation final : public RowDetector {
 public:
  std::string_view name() const override { return "isolation_forest"; }
  std::string_view title() const override { return "isolation forest"; }
  std::string_view about() const override {
    return "2^(−E[depth] / c(ψ)) of a token in 100 random trees on ψ clean tokens each (Liu et al. 2008)";
  }
  SearchSpace fit_space() const override { return SearchSpace().hyperparameter("subsample", {32, 64, 128, 256, 512}); }

  RowFit fit(Corner<Detect>& corner, const Settings& settings) const override {
    const int64_t subsample = settings.integer("subsample");
    const auto forest = std::make_shared<IsolationForest>(corner.pool(), kTrees, subsample, corner.random("trees"));
    return [forest](const at::Tensor& x) { return forest->scores(x); };
  }
};

}  // namespace

std::unique_ptr<const Contestant<Detect>> isolation_forest() { return std::make_unique<Isolation>(); }

}  // namespace fairfight
