#include "fairfight/acts/rows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "fairfight/base/error.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

TEST(Permutation, VisitsEveryItemOnce) {
  for (const uint64_t count : {1ull, 2ull, 3ull, 7ull, 64ull, 1000ull, 4097ull}) {
    const Permutation order(count, 42);
    std::set<uint64_t> seen;
    for (uint64_t i = 0; i < count; ++i) seen.insert(order(i));
    EXPECT_EQ(seen.size(), count);
    EXPECT_EQ(*seen.rbegin(), count - 1);
  }
}

TEST(Permutation, IsShuffledAndDependsOnItsKey) {
  const uint64_t count = 1000;
  const Permutation a(count, 1), b(count, 2);
  int fixed = 0, same = 0, ascents = 0;
  for (uint64_t i = 0; i < count; ++i) {
    fixed += a(i) == i;
    same += a(i) == b(i);
    ascents += i > 0 && a(i) > a(i - 1);
  }
  EXPECT_LT(fixed, 10);
  EXPECT_LT(same, 10);
  EXPECT_NEAR(ascents, 500, 60);
}

TEST(ShuffledRows, AnEpochVisitsAllAndEpochsDiffer) {
  const auto whole = shuffled_rows(30, 9, 0, 60);
  std::vector<int64_t> first(whole.begin(), whole.begin() + 30), second(whole.begin() + 30, whole.end());
  EXPECT_NE(first, second);
  std::sort(first.begin(), first.end());
  std::sort(second.begin(), second.end());
  std::vector<int64_t> all(30);
  std::iota(all.begin(), all.end(), 0);
  EXPECT_EQ(first, all);
  EXPECT_EQ(second, all);
}

TEST(ShuffledRows, BatchesTileTheSequence) {
  const auto whole = shuffled_rows(30, 9, 0, 60), third = shuffled_rows(30, 9, 2, 20);
  EXPECT_TRUE(std::equal(third.begin(), third.end(), whole.begin() + 40));
}

TEST(MemoryRows, ReturnsTheRowsOfItsOrder) {
  const MemoryRows rows(at::arange(20, at::kFloat).view({10, 2}), 3);
  const auto batch = rows.batch(1, 7);
  const auto places = shuffled_rows(10, 3, 1, 7);
  for (int64_t i = 0; i < 7; ++i) EXPECT_EQ(batch[i][0].item<int64_t>(), 2 * places[size_t(i)]);
  EXPECT_EQ(sample_rows(rows, 100).size(0), 10);
}

TEST(MemoryRows, RefusesWhatIsNotRowsOfFloats) {
  EXPECT_THROW(MemoryRows(at::zeros({3}), 0), Error);
  EXPECT_THROW(MemoryRows(at::zeros({0, 3}), 0), Error);
  EXPECT_THROW(MemoryRows(at::zeros({2, 3}, at::kDouble), 0), Error);
}

}  // namespace
}  // namespace fairfight
