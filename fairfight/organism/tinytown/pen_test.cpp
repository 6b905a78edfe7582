#include "fairfight/organism/tinytown/pen.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <map>

namespace fairfight::tinytown {
namespace {

constexpr int32_t kA = 1, kB = 2, kC = 3, kEnd = 0;

/// Ambiguous on purpose: "a b" comes from two branches. P(a b .) = 1/4 + 3/4 * 1/2 * 1/3, and so on.
void toy(Pen& pen) {
  static const std::array<double, 2> weights{1, 3};
  static const Tokens last{kA, kB, kC};
  if (pen.pick(Odds(weights)) == 0) {
    pen.write(kA);
    pen.write(kB);
  } else {
    pen.write(pen.pick(2) == 0 ? kA : kC);
    pen.choose(last, last.size());
  }
  pen.write(kEnd);
}

TEST(Pen, SumsOverAllDerivations) {
  EXPECT_NEAR(prefix_probability(toy, Tokens{kA, kB, kEnd}), 0.25 + 0.75 / 6, 1e-15);
  EXPECT_NEAR(prefix_probability(toy, Tokens{kC, kB, kEnd}), 0.75 / 6, 1e-15);
  EXPECT_EQ(prefix_probability(toy, Tokens{kB, kB, kEnd}), 0);
  EXPECT_EQ(prefix_probability(toy, Tokens{kA, kB, kEnd, kEnd}), 0);
}

TEST(Pen, ProbabilityOfABeginningIsThatOfItsContinuations) {
  EXPECT_EQ(prefix_probability(toy, Tokens{}), 1);
  EXPECT_NEAR(prefix_probability(toy, Tokens{kA}), 0.25 + 0.375, 1e-15);
  double sum = 0;
  for (int32_t first : {kA, kB, kC})
    for (int32_t second : {kA, kB, kC}) sum += prefix_probability(toy, Tokens{first, second, kEnd});
  EXPECT_NEAR(sum, 1, 1e-15);
}

TEST(Pen, SamplerDrawsWithTheReadersProbabilities) {
  Random random(7, "pen test");
  std::map<Tokens, double> share;
  constexpr int kDraws = 40000;
  for (int i = 0; i < kDraws; ++i) {
    Sampler sampler(random);
    toy(sampler);
    share[sampler.take()] += 1.0 / kDraws;
  }
  EXPECT_EQ(share.size(), 6u);
  for (const auto& [words, observed] : share) {
    const double p = prefix_probability(toy, words);
    EXPECT_NEAR(observed, p, 5 * std::sqrt(p * (1 - p) / kDraws));
  }
}

TEST(Pen, SamplerSumsTheDerivationItDrew) {
  Random random(7, "pen test");
  Sampler sampler(random);
  sampler.choose(Tokens{kA, kB, kC}, 3);
  EXPECT_NEAR(sampler.log_probability(), -std::log(3), 1e-15);
  EXPECT_EQ(sampler.take().size(), 1u);
}

TEST(Pen, AnExceptedChoiceNeverComes) {
  const auto other = [](Pen& pen) { pen.choose(Tokens{kA, kB, kC}, Odds(3, 1)); };
  EXPECT_EQ(prefix_probability(other, Tokens{kA}), 0.5);
  EXPECT_EQ(prefix_probability(other, Tokens{kB}), 0);
  Random random(7, "pen test");
  for (int i = 0; i < 100; ++i) {
    Sampler sampler(random);
    other(sampler);
    EXPECT_NE(sampler.take().front(), kB);
  }
}

TEST(Pen, AChoiceOfNoWeightIsDead) {
  const std::array<double, 2> weights{0, 2};
  const auto program = [&](Pen& pen) { pen.write(pen.pick(Odds(weights)) == 0 ? kA : kB); };
  EXPECT_EQ(prefix_probability(program, Tokens{kA}), 0);
  EXPECT_EQ(prefix_probability(program, Tokens{kB}), 1);
}

TEST(Pen, HappensWithItsProbability) {
  const auto program = [](Pen& pen) { pen.write(pen.happens(0.3) ? kA : kB); };
  EXPECT_NEAR(prefix_probability(program, Tokens{kA}), 0.3, 1e-15);
}

}  // namespace
}  // namespace fairfight::tinytown
