#include "fairfight/base/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <iterator>

#include "fairfight/base/error.h"
#include "fairfight/base/random.h"
#include "fairfight/base/testing.h"

namespace fairfight {
namespace {

std::vector<double> normals(size_t n, double mean, std::string_view stream) {
  Random random(1, stream);
  std::vector<double> x(n);
  for (auto& v : x) v = mean + random.normal();
  return x;
}

double by_pairs(const std::vector<double>& clean, const std::vector<double>& anomalous) {
  double wins = 0;
  for (double c : clean)
    for (double a : anomalous) wins += a > c ? 1 : a == c ? 0.5
                                                          : 0;
  return wins / double(clean.size() * anomalous.size());
}

TEST(Auroc, CountsPairsAndHalvesTies) {
  const std::vector<double> clean{1, 2, 2, 3, 5}, anomalous{2, 3, 3, 7};
  EXPECT_DOUBLE_EQ(auroc(clean, anomalous), by_pairs(clean, anomalous));
  EXPECT_DOUBLE_EQ(auroc(clean, clean), 0.5);
  const auto x = normals(80, 0, "a"), y = normals(70, 0.7, "b");
  EXPECT_NEAR(auroc(x, y), by_pairs(x, y), 1e-12);
}

TEST(Auroc, RefusesWhatHasNoAnswer) {
  const std::vector<double> some{1, 2}, none, broken{1, NAN};
  EXPECT_THROW(auroc(some, none), Error);
  EXPECT_THROW(auroc(broken, some), Error);
}

TEST(PercentileInterval, CoversTheTruthAtItsLevel) {
  // Two normals one standard deviation apart: AUROC = Φ(1/√2).
  const double truth = 0.5 * std::erfc(-0.5);
  int covered = 0;
  constexpr int kFights = 200;
  for (int fight = 0; fight < kFights; ++fight) {
    const auto clean = normals(60, 0, "clean" + std::to_string(fight)), anomalous = normals(60, 1, "anomalous" + std::to_string(fight));
    Random random(uint64_t(fight), "bootstrap");
    std::vector<double> replicates;
    for (int i = 0; i < 300; ++i) {
      const auto drawn = [&](const std::vector<double>& items) {
        std::vector<double> some;
        for (size_t k = 0; k < items.size(); ++k) some.push_back(items[random.below(items.size())]);
        return some;
      };
      const auto c = drawn(clean), a = drawn(anomalous);
      replicates.push_back(auroc(c, a));
    }
    const Interval i = percentile_interval(auroc(clean, anomalous), replicates, 0.95);
    covered += i.low <= truth && truth <= i.high;
  }
  EXPECT_GE(covered, 180);  // 95 % of 200, less 3.2 standard errors
  EXPECT_LE(covered, 199);
}

// Scores with many ties; what they give stands in reference/statistics.py.
std::vector<double> scores(int n, int (*of)(int)) {
  std::vector<double> x;
  for (int i = 0; i < n; ++i) x.push_back(of(i));
  return x;
}
const auto kCleanA = scores(40, [](int i) { return (7 * i * i + 3 * i) % 23; });
const auto kCleanB = scores(40, [](int i) { return (11 * i + 5) % 19; });
const auto kAnomalousA = scores(30, [](int j) { return 4 + (5 * j * j + j) % 29; });
const auto kAnomalousB = scores(30, [](int j) { return (13 * j + j * j) % 26; });

TEST(DeLong, AgreesWithTheReference) {
  const Uncertain a = delong(kCleanA, kAnomalousA), b = delong(kCleanB, kAnomalousB);
  EXPECT_NEAR(a.value, 0.7541666666666667, 1e-14);
  EXPECT_NEAR(a.variance, 0.0034347737989979367, 1e-16);
  EXPECT_NEAR(b.value, 0.6066666666666667, 1e-14);
  EXPECT_NEAR(b.variance, 0.004972785882699676, 1e-16);
}

TEST(DeLong, RefusesASingleItem) {
  EXPECT_THROW(delong(std::vector<double>{1}, kAnomalousA), Error);
}

TEST(NormalInterval, IsSymmetricAtItsLevel) {
  const Interval i = normal_interval({0.7, 0.01}, 0.9);
  EXPECT_NEAR(i.high - 0.7, 0.16448536269514722, 1e-12);
  EXPECT_NEAR(0.7 - i.low, 0.16448536269514722, 1e-12);
}

TEST(Thresholds, AgreeWithTheReference) {
  const double fprs[] = {0, 0.01, 0.05, 0.1, 0.2, 0.5, 1}, tprs[] = {0, 0.5, 0.8, 0.95, 1};
  const double tpr_a[] = {8 / 30., 8 / 30., 12 / 30., 12 / 30., 14 / 30., 25 / 30., 1}, fpr_a[] = {0, 0.25, 0.5, 0.8, 0.8};
  const double tpr_b[] = {5 / 30., 5 / 30., 5 / 30., 5 / 30., 9 / 30., 22 / 30., 1}, fpr_b[] = {0, 0.375, 0.8, 1, 1};
  for (size_t i = 0; i < std::size(fprs); ++i) {
    EXPECT_DOUBLE_EQ(tpr_at_fpr(kCleanA, kAnomalousA, fprs[i]), tpr_a[i]) << fprs[i];
    EXPECT_DOUBLE_EQ(tpr_at_fpr(kCleanB, kAnomalousB, fprs[i]), tpr_b[i]) << fprs[i];
  }
  for (size_t i = 0; i < std::size(tprs); ++i) {
    EXPECT_DOUBLE_EQ(fpr_at_tpr(kCleanA, kAnomalousA, tprs[i]), fpr_a[i]) << tprs[i];
    EXPECT_DOUBLE_EQ(fpr_at_tpr(kCleanB, kAnomalousB, tprs[i]), fpr_b[i]) << tprs[i];
  }
  EXPECT_THROW(tpr_at_fpr(kCleanA, kAnomalousA, 1.5), Error);
}

TEST(Thresholds, TiesAreFlaggedTogether) {
  const std::vector<double> clean{0, 1, 1}, anomalous{1, 1, 2};
  EXPECT_DOUBLE_EQ(tpr_at_fpr(clean, anomalous, 0.5), 1 / 3.);  // the threshold 1 flags both clean ones
  EXPECT_DOUBLE_EQ(fpr_at_tpr(clean, anomalous, 0.5), 2 / 3.);
}

TEST(Conformal, AgreesWithTheReference) {
  double sum = 0;
  for (double p : conformal_p(kCleanA, kAnomalousA)) sum += p;
  EXPECT_NEAR(sum, 8.390243902439025, 1e-12);
  const double alphas[] = {0.01, 0.05, 0.1, 0.25}, rates[] = {0, 8 / 30., 12 / 30., 14 / 30.};
  for (size_t i = 0; i < std::size(alphas); ++i) EXPECT_DOUBLE_EQ(conformal_flag_rate(kCleanA, kAnomalousA, alphas[i]), rates[i]);
}

TEST(Conformal, FlagsCleanItemsAtMostAtItsLevel) {
  double rate = 0;
  constexpr int kDraws = 400;
  for (int i = 0; i < kDraws; ++i)
    rate +=
        conformal_flag_rate(normals(99, 0, "calibration" + std::to_string(i)), normals(50, 0, "clean" + std::to_string(i)), 0.1) / kDraws;
  EXPECT_NEAR(rate, 0.1, 0.01);  // 99 + 1 scores: exactly at the level; standard error 0.0026
}

TEST(ExpectedMaximum, IsTheMeanOverAllDraws) {
  const auto expected = expected_maximum(std::vector<double>{0.3, 0.9, 0.5, 0.55});
  const double reference[] = {0.5625, 0.7166666666666667, 0.8125, 0.9};
  ASSERT_EQ(expected.size(), 4u);
  for (size_t i = 0; i < 4; ++i) EXPECT_NEAR(expected[i], reference[i], 1e-14);
}

TEST(Slope, IsThatOfLeastSquares) {
  const std::vector<double> x{-2, 0, 1, 5}, y{3, 1, 4, 8};  // means 1 and 4: (9 + 0 + 0 + 16 + 3) / (9 + 1 + 0 + 16)
  EXPECT_DOUBLE_EQ(slope(x, y), ((-3.0) * -1 + (-1.0) * -3 + 0 + 4.0 * 4) / 26);
  EXPECT_EQ(slope(std::vector<double>{1}, std::vector<double>{2}), 0);
  EXPECT_EQ(error_of([] { slope(std::vector<double>{1, 1}, std::vector<double>{0, 2}); }), "[slope] all 2 values of x are 1");
  EXPECT_EQ(error_of([] { slope(std::vector<double>{1, 1}, std::vector<double>{0}); }), "[slope] got 2 values of x and 1 of y, expected as many");
}

TEST(Variance, IsUnbiased) {
  EXPECT_DOUBLE_EQ(variance(std::vector<double>{1, 2, 6}), 7);
  EXPECT_EQ(variance(std::vector<double>{4}), 0);
}

/// Against what many sets of items come to, and on numbers that are told by hand.
TEST(Statistics, RatiosOfSumsHaveTheVarianceOfTheirItems) {
  const std::vector<double> a{1, 2, 6}, b{2, 2, 4};
  EXPECT_NEAR(ratio(a, b).value, 9.0 / 8, 1e-12);  // residuals -1.25, -0.25, 1.5: their variance is 1.9375
  EXPECT_NEAR(ratio(a, b).variance, 3 * 1.9375 / 64, 1e-12);
  EXPECT_NEAR(mean_difference(a, b, std::vector<double>{1, 1, 2}).value, 0.25, 1e-12);
  Random random(1, "ratios");
  std::vector<double> values, variances;
  for (int set = 0; set < 4000; ++set) {
    std::vector<double> top, below;
    for (int i = 0; i < 80; ++i) {
      below.push_back(1 + random.uniform());
      top.push_back(0.5 * below.back() + 0.2 * random.normal());
    }
    const Uncertain r = ratio(top, below);
    values.push_back(r.value);
    variances.push_back(r.variance);
  }
  EXPECT_NEAR(mean(variances) / variance(values), 1, 0.06);
}

}  // namespace
}  // namespace fairfight
