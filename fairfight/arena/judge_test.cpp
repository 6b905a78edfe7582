#include "fairfight/arena/judge.h"

#include <gtest/gtest.h>

#include <cmath>

#include "fairfight/base/testing.h"

namespace fairfight {
namespace {

// Quantiles at 95 %, from reference/statistics.py: of t with 2 and 6 degrees of freedom, and of the normal.
constexpr double kT2 = 2.9199855803537242, kT6 = 1.9431802805153042, kZ = 1.6448536269514722;

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
  EXPECT_NEAR(b.quantile, kT2, 1e-12);
  EXPECT_NEAR(b.low, 0.3 - kT2 * error, 1e-12);
  EXPECT_NEAR(b.high, 0.3 + kT2 * error, 1e-12);
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
  EXPECT_NEAR(b.value - b.low, kT2 * 0.05 / std::sqrt(3), 1e-12);
  EXPECT_NEAR(b.quantile, kT2, 1e-12);
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

Rival rival(const std::string& name, double low, double high, bool under_tuned = false) {
  return {name, {(low + high) / 2, low, high, 0, 0}, under_tuned};
}

constexpr double kMargin = 0.02;
using Label = Result::Label;

TEST(Rule, TruthTable) {
  const Rival won = rival("won", 0.01, 0.05), level = rival("level", -0.01, 0.03), worse = rival("worse", -0.09, -0.03),
              open = rival("open", -0.05, 0.05), slightly_worse = rival("slightly_worse", -0.015, -0.005);
  const auto as_it_is = [](Rival r) { return r; };
  const auto under_tuned = [](Rival r) {
    r.under_tuned = true;
    return r;
  };
  struct Case {
    std::vector<Rival> rivals;
    bool under_tuned;
    Label label;
    bool beats, competitive;
    std::string against;
  };
  const Case cases[] = {
                          // the last one is the champion
      {{won}, false, Label::beats, true, true, "won"},
      {{won}, true, Label::beats, true, true, "won"},  // what it won hungry stands
      {{won, level}, false, Label::competitive, false, true, "level"},
      {{slightly_worse}, false, Label::competitive, false, true, "slightly_worse"},
      {{won, open}, false, Label::inconclusive, false, false, "open"},
      {{won, open, worse}, false, Label::loses, false, false, "worse"},
      {{worse, won}, false, Label::inconclusive, false, false, "worse"},  // another one than the champion may have been lucky
      {{worse}, true, Label::inconclusive, false, false, "worse"},
      {{under_tuned(won)}, false, Label::inconclusive, true, true, "won"},  // the readings stay
      {{as_it_is(won), under_tuned(level)}, false, Label::inconclusive, false, true, "level"},
      {{under_tuned(won), as_it_is(level)}, false, Label::inconclusive, false, true, "level"},
      {{under_tuned(worse)}, false, Label::loses, false, false, "worse"},  // it lost to an under-tuned one
      {{under_tuned(won), worse}, false, Label::loses, false, false, "worse"},
      {{under_tuned(worse)}, true, Label::inconclusive, false, false, "worse"},
  };
  for (size_t i = 0; i < std::size(cases); ++i) {
    const auto& c = cases[i];
    const auto ruling = rule("dictionary", c.under_tuned, c.rivals, c.rivals.size() - 1, kMargin);
    EXPECT_EQ(ruling.challenger, "dictionary");
    EXPECT_EQ(ruling.label, c.label) << "case " << i;
    EXPECT_EQ(ruling.beats, c.beats) << "case " << i;
    EXPECT_EQ(ruling.competitive, c.competitive) << "case " << i;
    EXPECT_EQ(ruling.against, c.against) << "case " << i;
  }
}

TEST(Rule, BoundsAreStrict) {
  EXPECT_EQ(rule("d", false, std::vector{rival("b", 0, 0)}, 0, kMargin).label, Label::competitive);
  EXPECT_EQ(rule("d", false, std::vector{rival("b", -kMargin, 0.1)}, 0, kMargin).label, Label::inconclusive);
  EXPECT_EQ(rule("d", false, std::vector{rival("b", -0.1, -kMargin)}, 0, kMargin).label, Label::inconclusive);
  EXPECT_EQ(rule("d", false, std::vector{rival("b", 0, 0)}, 0, 0).label, Label::inconclusive);
}

TEST(Rule, ShowsTheBaselineThatBinds) {
  // The highest baseline by value is not the one that binds.
  const auto ruling = rule("d", false, std::vector{rival("near", 0.01, 0.02), rival("unsure", -0.04, 0.2)}, 0, kMargin);
  EXPECT_EQ(ruling.against, "unsure");
  EXPECT_EQ(ruling.interval, (Estimate{0.08, -0.04, 0.2}));
}

TEST(Rule, RefusesAnEmptyRing) {
  EXPECT_THROW(rule("d", false, {}, 0, kMargin), Error);
  EXPECT_THROW(rule("d", false, std::vector{rival("b", 0, 0)}, 1, kMargin), Error);
  EXPECT_THROW(rule("d", false, std::vector{rival("b", 0, 0)}, 0, -1), Error);
}

}  // namespace
}  // namespace fairfight
