#include "fairfight/arena/judge.h"

#include <gtest/gtest.h>

#include <cmath>

#include "fairfight/base/testing.h"

namespace fairfight {
namespace {

// Quantiles at 95 %, from reference/statistics.py: of t with 2 and 6 degrees of freedom, and of the normal.
constexpr double kT2 = 2.9199855803537242, kT6 = 1.9431802805153042, kZ = 1.6448536269514722;
const double kSkewed = t_quantile(0.97, 2);  // three fifths of the error that is claimed

/// Every organism's draws are value ± noise·√(99/100), a hundred of them: their unbiased variance is noise².
Sample sample(std::vector<double> value, double noise, double seed_variance = 0, size_t seeds = 1) {
  Sample s;
  for (double v : value) {
    auto& draws = s.draws.emplace_back();
    for (int i = 0; i < 100; ++i) draws.push_back(v + (i % 2 ? 1 : -1) * noise * std::sqrt(0.99));
  }
  s.seed_variance.assign(value.size(), seed_variance);
  s.value = std::move(value);
  s.dictionary_seeds = seeds;
  return s;
}

TEST(Bounds, DifferingOrganismsGiveATTest) {
  const Bounds b = bounds(sample({0.1, 0.2, 0.6}, 0.01), 0.95);
  const double error = std::sqrt(0.07 / 3);
  EXPECT_NEAR(b.value, 0.3, 1e-14);
  EXPECT_NEAR(b.standard_error, error, 1e-14);
  EXPECT_NEAR(b.quantile, kSkewed, 1e-12);
  EXPECT_NEAR(b.low, 0.3 - kSkewed * error, 1e-12);
  EXPECT_NEAR(b.high, 0.3 + kSkewed * error, 1e-12);
}

TEST(Bounds, ALuckyAgreementIsNotPrecision) {
  const Bounds b = bounds(sample({0.3, 0.3, 0.3001}, 0.06), 0.95);
  EXPECT_NEAR(b.standard_error, 0.06 / std::sqrt(3), 1e-12);
  EXPECT_NEAR(b.quantile, kZ, 1e-12);
  EXPECT_NEAR(b.high - b.value, kZ * 0.06 / std::sqrt(3), 1e-12);
}

TEST(Bounds, TheWiderPairCountsNotTheLargerError) {
  // S = 0.05 is less than the noise of 0.06, and still the wider one with its 2 degrees of freedom.
  const Bounds b = bounds(sample({0.25, 0.3, 0.35}, 0.06), 0.95);
  EXPECT_NEAR(b.value - b.low, kSkewed * 0.05 / std::sqrt(3), 1e-12);
  EXPECT_NEAR(b.quantile, kSkewed, 1e-12);
}

TEST(Bounds, DictionarySeedsHaveFewDegreesOfFreedom) {
  // 3 organisms with 3 seeds each, all noise from the seeds: 6.
  const Bounds b = bounds(sample({0.3, 0.3, 0.3}, 0.06, 0.0036, 3), 0.95);
  EXPECT_NEAR(b.quantile, kT6, 1e-9);
  EXPECT_NEAR(b.value - b.low, kT6 * 0.06 / std::sqrt(3), 1e-12);
  // Half of the variance: each part with its own quantile.
  EXPECT_NEAR(bounds(sample({0.3, 0.3, 0.3}, 0.06, 0.0018, 3), 0.95).quantile, std::sqrt((kT6 * kT6 + kZ * kZ) / 2), 1e-9);
}

TEST(Bounds, OneOrganismSpeaksOfItself) {
  const Bounds b = bounds(sample({0.3}, 0.06, 0.0036, 3), 0.95);
  EXPECT_NEAR(b.value - b.low, kT2 * 0.06, 1e-12);
  EXPECT_NEAR(bounds(sample({0.3}, 0.06), 0.95).low, 0.3 - kZ * 0.06, 1e-12);
}

TEST(Bounds, NoNoiseIsNoWidth) {
  const Bounds b = bounds(sample({0.25, 0.25, 0.25}, 0), 0.95);
  EXPECT_EQ(b.low, b.value);
  EXPECT_EQ(b.high, b.value);
  EXPECT_EQ(b.standard_error, 0);
}

TEST(Bounds, RefusesWhatMakesNone) {
  EXPECT_THROW(bounds(Sample{}, 0.95), Error);
  EXPECT_THROW(bounds(sample({0.3}, 0.1), 0.3), Error);
  EXPECT_THROW(bounds(sample({0.3}, 0.1, 0.001, 1), 0.95), Error);
  EXPECT_THROW(bounds(sample({0.3}, 0.1), 1), Error);
}

TEST(Bounds, FixedModelsAreNoSample) {
  const Sample differing = sample({0.1, 0.2, 0.6}, 0.06);
  EXPECT_NEAR(bounds(differing, 0.95, Scope::fixed).low, 0.3 - kZ * 0.06 / std::sqrt(3), 1e-12);
  EXPECT_LT(bounds(differing, 0.95, Scope::sample).low, 0);
}

/// One organism whose bounds are these.
Sample between(double low, double high) {
  const double middle = (low + high) / 2, half = (high - low) / 2 / (t_quantile(0.95, 1'000'000'000) * std::sqrt(2.0));
  return {{middle}, {{middle - half, middle + half}}, {0}, 1};
}

constexpr double kMargin = 0.02;
using Label = Result::Label;

Result::Ruling ruled(const Sample& difference, double margin, const MightGain& might = {}) { return rule(difference, 0.95, Scope::fixed, margin, might); }

TEST(Rule, TruthTable) {
  struct Case {
    Sample difference;
    double challengers, baselines;  // might gain
    Label label;
    bool beats, competitive;
  };
  const Sample ahead = between(0.01, 0.05), level = between(-0.01, 0.03), behind = between(-0.09, -0.03), open = between(-0.05, 0.05), slightly = between(-0.015, -0.005);
  const Case cases[] = {
      {ahead, 0, 0, Label::beats, true, true},
      {ahead, 1, 0, Label::beats, true, true},       // what it won hungry stands
      {ahead, 0, 0.005, Label::beats, true, true},   // more than that could not have been gained
      {ahead, 0, 0.02, Label::competitive, true, true},
      {ahead, 0, 1, Label::inconclusive, true, true},  // the readings stay
      {level, 0, 0, Label::competitive, false, true},
      {level, 0, 0.02, Label::inconclusive, false, true},
      {slightly, 0, 0, Label::competitive, false, true},
      {open, 0, 0, Label::inconclusive, false, false},
      {behind, 0, 0, Label::loses, false, false},
      {behind, 0, 1, Label::loses, false, false},  // it lost to an under-tuned one
      {behind, 0.005, 0, Label::loses, false, false},
      {behind, 0.02, 0, Label::inconclusive, false, false},
  };
  for (size_t i = 0; i < std::size(cases); ++i) {
    const auto& c = cases[i];
    const auto ruling = ruled(c.difference, kMargin, {{c.challengers}, {c.baselines}});
    EXPECT_EQ(ruling.label, c.label) << "case " << i;
    EXPECT_EQ(ruling.beats, c.beats) << "case " << i;
    EXPECT_EQ(ruling.competitive, c.competitive) << "case " << i;
    EXPECT_EQ(ruling.interval, bounds(c.difference, 0.95, Scope::fixed).estimate()) << "case " << i;
  }
}

TEST(Rule, BoundsAreStrict) {
  EXPECT_EQ(ruled(between(0, 0), kMargin).label, Label::competitive);
  EXPECT_EQ(ruled(between(-kMargin, -kMargin), kMargin).label, Label::inconclusive);
  EXPECT_EQ(ruled(between(0, 0), 0).label, Label::inconclusive);
  EXPECT_THROW(ruled(between(0, 0), -1), Error);
  EXPECT_THROW(ruled(between(0, 0), 0, {{0.1, 0.1}, {}}), Error);  // one an organism
}

/// A gain in one organism of eight makes the others less like it: taken off the mean alone it would leave a label that all of it does not.
TEST(Rule, GainsCountInTheOrganismsWhereTheyMightBe) {
  const std::vector<double> values{0.055, 0.06, 0.065, 0.06, 0.058, 0.062, 0.061, 0.059};
  const Sample ahead{values, std::vector<std::vector<double>>(8, {0.0, 0.0}), std::vector<double>(8, 0), 1};
  const auto ruled = [&](std::vector<double> gains) { return rule(ahead, 0.95, Scope::sample, kMargin, {{}, std::move(gains)}).label; };
  EXPECT_EQ(ruled({}), Label::beats);
  EXPECT_EQ(ruled(std::vector<double>(8, 0.3 / 8)), Label::beats);
  EXPECT_EQ(ruled({0.3, 0, 0, 0, 0, 0, 0, 0}), Label::inconclusive);
}

TEST(WouldSettle, IsTheSmallestSampleThatMostlyLiesOnOneSideOfTheMargin) {
  const auto sample = [](std::vector<double> values) { return Sample{values, std::vector<std::vector<double>>(values.size(), {0.0, 0.0}), std::vector<double>(values.size(), 0), 1}; };
  const double sd = 0.04;
  const Sample equal = sample({-sd / std::sqrt(2), sd / std::sqrt(2)});  // mean 0, deviation sd
  const size_t n = would_settle(equal, 0.05, 0.95).value();
  EXPECT_GE(n, kEnoughOrganisms);
  EXPECT_LE((t_quantile(0.97, n - 1) + 0.8416) * sd, 0.05 * std::sqrt(double(n)) + 1e-9);
  EXPECT_LT(n, would_settle(equal, 0.02, 0.95).value());
  EXPECT_GT((t_quantile(0.97, would_settle(equal, 0.02, 0.95).value() - 2) + 0.8416) * sd, 0.02 * std::sqrt(double(would_settle(equal, 0.02, 0.95).value() - 1)));
  EXPECT_FALSE(would_settle(sample({0.01}), 0.05, 0.95));            // one has no scatter
  EXPECT_FALSE(would_settle(sample({-0.10, 0.0}), 0.05, 0.95));      // it lies on the margin
}

}  // namespace
}  // namespace fairfight
