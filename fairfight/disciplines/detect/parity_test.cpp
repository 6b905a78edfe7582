#include "fairfight/disciplines/detect/parity.h"

#include <gtest/gtest.h>

#include <cmath>

#include "fairfight/base/error.h"
#include "fairfight/disciplines/detect/roster.h"
#include "fairfight/disciplines/detect/tokenwise.h"
#include "fairfight/methods/mixture.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

double relative_error(const at::Tensor& ours, const at::Tensor& reference) {
  return ((ours - reference).abs() / (reference.abs() + 1e-3 * reference.abs().mean())).max().item<double>();
}

TEST(Reference, EveryBaselineReachesItsWellKnownImplementation) {
  int baselines = 0;
  for (const auto& contestant : detectors()) {
    const auto calibration = calibrate_detector(*contestant);
    ASSERT_EQ(calibration.has_value(), contestant->role() == Role::baseline) << contestant->name();
    if (!calibration) continue;
    ++baselines;
    const Json& entry = calibration_task().detectors.at(std::string(contestant->name()));
    const double above = entry.contains("spread") ? entry["spread"][1].get<double>() - calibration->reference : 1e-6;
    EXPECT_TRUE(calibration->holds()) << contestant->name() << ": " << calibration->reached << " < " << calibration->reference;
    // Better than all of the reference's seeds would be another method, too; a tenth of the spread is luck.
    EXPECT_LE(calibration->reached, calibration->reference + 1.1 * above + 1e-9) << contestant->name();
    RecordProperty(std::string(contestant->name()), std::to_string(calibration->reached));
  }
  EXPECT_EQ(size_t(baselines), calibration_task().detectors.size());
}

TEST(Reference, ScoresAgreeNotOnlyTheirOrder) {
  for (const auto& contestant : detectors()) {
    const auto golden = calibration_task().tensors.find("scores." + std::string(contestant->name()));
    if (golden == calibration_task().tensors.end()) continue;
    const auto ours = calibration_scores(*contestant, 0);
    const bool signed_sum = golden->second.min().item<double>() < 0 && golden->second.max().item<double>() > 0;  // of what lies near 0 a rounding is all
    EXPECT_LT(signed_sum ? ((ours - golden->second).abs().max() / golden->second.abs().mean()).item<double>() : relative_error(ours, golden->second), 1e-5) << contestant->name();
  }
  for (auto name : {"lof", "knn", "ecod", "copod", "hbos", "mahalanobis", "ppca", "one_class_svm"})
    EXPECT_TRUE(calibration_task().tensors.contains(std::string("scores.") + name)) << name;
}

TEST(Reference, TheOtherSidesAgree) {
  int compared = 0;
  for (const auto& contestant : detectors())
    for (const char* direction : {"low", "both"}) {
      const auto golden = calibration_task().tensors.find(fmt::format("scores.{}.{}", contestant->name(), direction));
      if (golden == calibration_task().tensors.end()) continue;
      ++compared;
      // Of the mean: what lies at the median is a difference of equals, and only rounding.
      const auto gap = (calibration_scores(*contestant, 0, direction) - golden->second).abs().max() / golden->second.abs().mean();
      EXPECT_LT(gap.item<double>(), 1e-5) << contestant->name() << " " << direction;
    }
  EXPECT_EQ(compared, 14);
}

TEST(Reference, AMixtureFromAGivenStartAgrees) {
  const auto& tensors = calibration_task().tensors;
  const auto start = tensors.at("mixture.start");
  const Mixture given{at::full({4}, 0.25, at::kDouble), start, at::full_like(start, 10)};
  MixtureSettings settings;
  settings.steps = 25;
  settings.tolerance = 0;
  const auto fitted = fit_mixture(tensors.at("fit"), given, settings);
  const auto rows = at::cat({tensors.at("clean"), tensors.at("anomalous")});
  EXPECT_LT(relative_error(fitted.log_density(rows), tensors.at("mixture.scores")), 1e-5);
}

/// A baseline that was built badly: it looks at one coordinate only.
class StrawMan final : public RowDetector {
 public:
  explicit StrawMan(std::string_view name) : name_(name) {}
  std::string_view name() const override { return name_; }
  std::string_view title() const override { return name_; }
  std::string_view about() const override { return name_; }
  RowFit fit(Corner<Detect>&, const Settings&) const override {
    return [](const at::Tensor& x) { return x.select(1, 0).to(at::kDouble); };
  }

 private:
  std::string_view name_;
};

TEST(Reference, AStrawManIsFoundOutAndAStrangerRefused) {
  EXPECT_FALSE(calibrate_detector(StrawMan("mahalanobis"))->holds());
  EXPECT_FALSE(calibrate_detector(StrawMan("isolation_forest"))->holds());
  EXPECT_THROW(calibrate_detector(StrawMan("unheard_of")), Error);
}

TEST(Reference, ARandomBaselineDependsOnItsSeedOnly) {
  for (const auto& contestant : detectors()) {
    if (contestant->name() != "isolation_forest") continue;
    EXPECT_TRUE(calibration_scores(*contestant, 1).equal(calibration_scores(*contestant, 1)));
    EXPECT_FALSE(calibration_scores(*contestant, 1).equal(calibration_scores(*contestant, 2)));
  }
}

}  // namespace
}  // namespace fairfight
