#include "fairfight/model/weight_arena.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fairfight/base/testing.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

TEST(WeightArena, TensorsLieApartAndKeepItAlive) {
  at::Tensor a, b, empty;
  {
    WeightArena room(WeightArena::rounded(7 * 4) + WeightArena::rounded(3 << 20));
    a = room.take({7}, at::kFloat);
    empty = room.take({0, 5}, at::kFloat);
    b = room.take({3 << 10, 1 << 9}, at::kBFloat16);
    EXPECT_THAT(error_of([&] { room.take({1}, at::kFloat); }), testing::HasSubstr("a tensor of 4 bytes, expected at most the 0"));
  }
  a.fill_(1);
  b.fill_(2);
  EXPECT_EQ(a.sum().item<float>(), 7);
  EXPECT_TRUE((b == 2).all().item<bool>());
  EXPECT_EQ(empty.numel(), 0);
  for (const auto& x : {a, b}) EXPECT_EQ(reinterpret_cast<uintptr_t>(x.data_ptr()) % 64, 0u);
}

}  // namespace
}  // namespace fairfight
