#include "fairfight/base/random.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <map>
#include <vector>

namespace fairfight {
namespace {

std::vector<uint64_t> take(Random random, size_t n) {
  std::vector<uint64_t> numbers;
  while (numbers.size() < n) numbers.push_back(random.next());
  return numbers;
}

// The first outputs of Blackman's and Vigna's xoshiro256** from the state 1, 2, 3, 4.
TEST(Random, IsXoshiro256StarStar) {
  const std::vector<uint64_t> published{11520, 0, 1509978240, 1215971899390074240, 1216172134540287360, 607988272756665600};
  EXPECT_EQ(take(Random(Random::State{1, 2, 3, 4}), 6), published);
}

// Every result that was ever published hangs on these: they may never change.
TEST(Random, NamedStreamsStayTheSameForEver) {
  EXPECT_EQ(take(Random(0, "data"), 2), (std::vector<uint64_t>{12032271977485442386u, 18378608267184171201u}));
  EXPECT_EQ(take(Random(1, "data"), 2), (std::vector<uint64_t>{13705496362193046756u, 2970882891474795828u}));
  Random random(0, "data");
  EXPECT_EQ(random.below(1000), 386u);
  EXPECT_DOUBLE_EQ(random.uniform(), 0.9963063505270565);
  EXPECT_NEAR(random.normal(), -0.2960850317805152, 1e-12);  // the last digit is libm's
}

TEST(Random, StreamsOfOtherNamesOrSeedsAreUnrelated) {
  constexpr size_t n = 20'000;
  const auto a = take(Random(0, "data"), n);
  for (const auto& b : {take(Random(0, "model"), n), take(Random(1, "data"), n), take(Random(0, "data/0"), n)}) {
    size_t equal_bits = 0;
    for (size_t i = 0; i < n; ++i) equal_bits += size_t(std::popcount(~(a[i] ^ b[i])));
    EXPECT_NEAR(double(equal_bits) / (64.0 * n), 0.5, 0.5 * 5 / std::sqrt(64.0 * n));  // 5 standard deviations
  }
}

TEST(Random, ComesBackFromItsState) {
  Random random(0, "data");
  random.normal();
  EXPECT_EQ(take(Random(random.state()), 5), take(random, 5));
}

TEST(Random, BelowHasNoModuloBias) {
  Random random(0, "below");
  constexpr size_t huge = size_t(3) << 62;  // 3/4 of all numbers: a plain modulo gives the lowest third half the draws
  constexpr int draws = 30'000;
  int low = 0;
  for (int i = 0; i < draws; ++i) low += random.below(huge) < huge / 3;
  EXPECT_NEAR(low, draws / 3.0, 5 * std::sqrt(draws * 2.0 / 9));
}

TEST(Random, BelowReachesEveryNumberEquallyOften) {
  Random random(0, "below");
  std::vector<int> counts(7);
  for (int i = 0; i < 70'000; ++i) ++counts.at(random.below(7));
  for (int count : counts) EXPECT_NEAR(count, 10'000, 5 * std::sqrt(70'000.0 * 6 / 49));
  EXPECT_EQ(random.below(1), 0u);
}

TEST(Random, UniformAndNormalHaveTheirMoments) {
  Random random(0, "moments");
  constexpr int n = 200'000;
  double sum = 0, normal_sum = 0, squares = 0, fourths = 0;
  for (int i = 0; i < n; ++i) {
    const double u = random.uniform(), z = random.normal();
    ASSERT_GE(u, 0);
    ASSERT_LT(u, 1);
    sum += u;
    normal_sum += z;
    squares += z * z;
    fourths += z * z * z * z;
  }
  const double error = 5 / std::sqrt(double(n));
  EXPECT_NEAR(sum / n, 0.5, error * std::sqrt(1.0 / 12));
  EXPECT_NEAR(normal_sum / n, 0, error);
  EXPECT_NEAR(squares / n, 1, error * std::sqrt(2.0));
  EXPECT_NEAR(fourths / n, 3, error * std::sqrt(96.0));
}

TEST(Random, PickFollowsTheWeights) {
  Random random(0, "pick");
  const std::vector<double> weights{1, 0, 3};
  std::vector<int> counts(3);
  for (int i = 0; i < 40'000; ++i) ++counts.at(random.pick(weights));
  EXPECT_NEAR(counts[0], 10'000, 5 * std::sqrt(40'000 * 3.0 / 16));
  EXPECT_EQ(counts[1], 0);
}

TEST(Random, ShuffleMakesEveryOrderEquallyOften) {
  Random random(0, "shuffle");
  std::map<std::vector<int>, int> counts;
  for (int i = 0; i < 24'000; ++i) {
    std::vector<int> items{0, 1, 2, 3};
    random.shuffle(std::span(items));
    ++counts[items];
  }
  ASSERT_EQ(counts.size(), 24u);
  for (const auto& [order, count] : counts) EXPECT_NEAR(count, 1000, 5 * std::sqrt(1000.0 * 23 / 24));
}

}  // namespace
}  // namespace fairfight
