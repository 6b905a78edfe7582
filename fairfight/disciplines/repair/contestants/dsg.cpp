#include "fairfight/disciplines/repair/features.h"
#include "fairfight/disciplines/repair/roster.h"
#include "fairfight/methods/hooks.h"
#include "fairfight/methods/signed_features.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

class DynamicGuardrail final : public FeatureRepair {
  static constexpr int64_t kSlice = 8192;  // rows

 public:
  std::string_view name() const override { return "dsg"; }
  std::string_view title() const override { return "dynamic guardrail (DSG)"; }
  std::string_view about() const override {
    return "where any chosen feature fires, all are set to -c max f, if more of the text so far fired than in retained text (Muhamed et al. 2025)";
  }
  SiteUse site_use() const override { return SiteUse::all; }
  SearchSpace own_space() const override { return SearchSpace().log_uniform("strength", 0.1, 5).hyperparameter("percentile", {0.80, 0.90, 0.95, 0.99, 0.999}, Ends::open_below); }

  std::unique_ptr<Patch> repair(Corner<Repair>& corner, const Settings& settings, const at::Tensor& features, const FeatureReport& report) const override {
    const auto value = (report.largest.index_select(0, features) * -settings.number("strength")).to(at::kFloat);
    const double share = at::quantile(retained_shares(corner, features, report.retained), settings.number("percentile")).item<double>();
    return std::make_unique<Patch>(Patch{nullptr, {clamp_hook(corner.dictionary(), {corner.site(), features, value, at::zeros_like(value), share})}});
  }

 private:
  /// The largest share of the tokens so far where any of the features fires, in each retained document: what the hook compares
  /// with as the text goes on. [docs] float64
  static at::Tensor retained_shares(Corner<Repair>& corner, const at::Tensor& features, const at::Tensor& read) {
    const Batch& retained = corner.offer().retained;
    const auto x = read.flatten(0, 1);
    std::vector<at::Tensor> any;
    for (const auto& slice : x.split(kSlice)) any.push_back((SignedFeatures::fired(corner.dictionary()->encode(slice), features) > 0).any(1));
    const auto fires = at::cat(any).view(retained.valid.sizes()).logical_and(retained.valid).to(at::kDouble);
    const auto behind_first = at::arange(fires.size(1), at::kDouble).clamp_min(1);
    return (fires.cumsum(1) / behind_first * fires).amax(1);  // it can only act where one fires
  }
};

}  // namespace

std::unique_ptr<const Contestant<Repair>> dsg() { return std::make_unique<DynamicGuardrail>(); }

}  // namespace fairfight
