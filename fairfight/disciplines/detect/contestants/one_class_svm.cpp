#include "fairfight/methods/one_class_svm.h"

#include "fairfight/disciplines/detect/roster.h"
#include "fairfight/disciplines/detect/tokenwise.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

class OneClass final : public RowDetector {
  static constexpr int64_t kRows = 2048;  // of the pool: the problem holds their square

 public:
  std::string_view name() const override { return "one_class_svm"; }
  std::string_view title() const override { return "one-class SVM"; }
  std::string_view about() const override {
    return "ρ − Σ αᵢ exp(−γ‖x − xᵢ‖²) a token, on 2,048 clean tokens, γ a multiple of 1/(d·variance) (Schölkopf et al. 2001)";
  }
  SearchSpace fit_space() const override { return SearchSpace().hyperparameter("nu", {0.01, 0.05, 0.1, 0.2, 0.4}).hyperparameter("gamma", {0.25, 1, 4}); }

  RowFit fit(Corner<Detect>& corner, const Settings& settings) const override {
    const auto rows = corner.pool().slice(0, 0, kRows);
    const double variance = rows.to(at::kDouble).var(/*unbiased=*/false).item<double>();  // of all entries alike, as scikit-learn's "scale"
    const auto svm = std::make_shared<OneClassSvm>(rows, settings.number("nu"), settings.number("gamma") / (double(rows.size(1)) * variance + 1e-300));
    return [svm](const at::Tensor& x) { return -svm->decision(x); };
  }
};

}  // namespace

std::unique_ptr<const Contestant<Detect>> one_class_svm() { return std::make_unique<OneClass>(); }

}  // namespace fairfight
