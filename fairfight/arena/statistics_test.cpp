#include "fairfight/arena/statistics.h"

#include <gtest/gtest.h>

#include <cmath>

#include "fairfight/base/error.h"

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
    for (double a : anomalous) wins += a > c ? 1 : a == c ? 0.5 : 0;
  return wins / double(clean.size() * anomalous.size());
}

TEST(Auroc, CountsPairsAndHalvesTies) {
  const std::vector<double> clean{1, 2, 2, 3, 5}, anomalous{2, 3, 3, 7};
  EXPECT_DOUBLE_EQ(auroc(clean, anomalous), by_pairs(clean, anomalous));
  EXPECT_DOUBLE_EQ(auroc(clean, clean), 0.5);
  const auto x = normals(80, 0, "a"), y = normals(70, 0.7, "b");
  EXPECT_NEAR(auroc(x, y), by_pairs(x, y), 1e-12);
}

TEST(Auroc, WeightsAreRepetitions) {
  const std::vector<double> clean{1, 2, 2, 3}, anomalous{2, 4, 0};
  const std::vector<uint32_t> cw{0, 2, 1, 3}, aw{1, 0, 2};
  std::vector<double> many_clean, many_anomalous;
  for (size_t i = 0; i < clean.size(); ++i) many_clean.insert(many_clean.end(), cw[i], clean[i]);
  for (size_t i = 0; i < anomalous.size(); ++i) many_anomalous.insert(many_anomalous.end(), aw[i], anomalous[i]);
  EXPECT_DOUBLE_EQ(WeightedAuroc(clean, anomalous)(cw, aw), by_pairs(many_clean, many_anomalous));
}

TEST(Auroc, RefusesWhatHasNoAnswer) {
  const std::vector<double> some{1, 2}, none, broken{1, NAN};
  EXPECT_THROW(auroc(some, none), Error);
  EXPECT_THROW(auroc(broken, some), Error);
}

TEST(Bootstrap, IntervalCoversTheTruthAtItsLevel) {
  // Two normals one standard deviation apart: AUROC = Φ(1/√2).
  const double truth = 0.5 * std::erfc(-0.5);
  int covered = 0;
  constexpr int kFights = 200;
  for (int fight = 0; fight < kFights; ++fight) {
    const auto clean = normals(60, 0, "clean" + std::to_string(fight)), anomalous = normals(60, 1, "anomalous" + std::to_string(fight));
    const WeightedAuroc curve(clean, anomalous);
    Random random(uint64_t(fight), "bootstrap");
    std::vector<double> replicates;
    for (int i = 0; i < 300; ++i) {
      const auto c = resample_counts(60, random), a = resample_counts(60, random);
      replicates.push_back(curve(c, a));
    }
    const Interval i = percentile_interval(auroc(clean, anomalous), replicates, 0.95);
    covered += i.low <= truth && truth <= i.high;
  }
  EXPECT_GE(covered, 180);  // 95 % of 200, less 3.2 standard errors
  EXPECT_LE(covered, 199);
}

}  // namespace
}  // namespace fairfight
