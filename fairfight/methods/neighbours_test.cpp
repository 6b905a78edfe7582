#include "fairfight/methods/neighbours.h"

#include <gtest/gtest.h>

#include <cmath>

#include "fairfight/base/error.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

at::Tensor rows(int64_t n, uint64_t seed) { return at::randn({n, 5}, at::detail::createCPUGenerator(seed), at::kFloat) + 100; }

at::Tensor all_distances(const at::Tensor& a, const at::Tensor& b) {
  return (a.to(at::kDouble).unsqueeze(1) - b.to(at::kDouble).unsqueeze(0)).square().sum(2).sqrt();
}

TEST(NeighbourBank, FindsWhatLookingAtAllPairsFinds) {
  const auto bank = rows(300, 1), x = rows(70, 2);
  const auto found = NeighbourBank(bank).nearest(x, 7);
  const auto [distance, index] = all_distances(x, bank).topk(7, 1, /*largest=*/false);
  EXPECT_TRUE(found.index.to(at::kLong).equal(index));
  EXPECT_LT((found.distance - distance).abs().max().item<double>(), 1e-4);  // 100 + x has lost digits
}

TEST(NeighbourBank, ARowIsNoNeighbourOfItselfButItsTwinIs) {
  auto bank = rows(50, 3);
  bank[10].copy_(bank[20]);
  const auto found = NeighbourBank(bank).of_itself(3);
  EXPECT_FALSE(found.index.eq(at::arange(50).unsqueeze(1)).any().item<bool>());
  EXPECT_EQ(found.index[10][0].item<int>(), 20);
  EXPECT_EQ(found.distance[10][0].item<double>(), 0);
  auto all = all_distances(bank, bank);
  all.fill_diagonal_(INFINITY);
  EXPECT_LT((found.distance - std::get<0>(all.topk(3, 1, false))).abs().max().item<double>(), 1e-4);
}

TEST(NeighbourBank, MoreNeighboursThanRowsAreRefused) {
  const NeighbourBank bank(rows(4, 4));
  EXPECT_EQ(bank.nearest(rows(2, 5), 4).index.size(1), 4);
  EXPECT_THROW(bank.nearest(rows(2, 5), 5), Error);
  EXPECT_THROW(bank.of_itself(4), Error);
  EXPECT_THROW(bank.nearest(rows(2, 5), 0), Error);
}

}  // namespace
}  // namespace fairfight
