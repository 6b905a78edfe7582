#include "fairfight/methods/rounding.h"

#include <gtest/gtest.h>

#include <cmath>

#include "fairfight/base/error.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

TEST(Rounding, IsTheFormulaWeightByWeight) {
  at::manual_seed(1);
  const auto w = at::randn({3, 10});
  const auto r = rounded(w, 4, 4);
  for (int64_t row = 0; row < 3; ++row)
    for (int64_t first = 0; first < 10; first += 4) {
      double most = 0;
      for (int64_t i = first; i < std::min<int64_t>(first + 4, 10); ++i) most = std::max(most, std::abs(w[row][i].item<double>()));
      for (int64_t i = first; i < std::min<int64_t>(first + 4, 10); ++i)
        EXPECT_NEAR(r[row][i].item<double>(), std::nearbyint(w[row][i].item<double>() / (most / 7)) * most / 7, 1e-6);
    }
  EXPECT_LE((r - w).abs().max().item<double>(), w.abs().max().item<double>() / 14 + 1e-6);
}

TEST(Rounding, MoreBitsLoseLessAndAZeroRowStays) {
  at::manual_seed(2);
  const auto w = at::randn({8, 64});
  EXPECT_LT((rounded(w, 8, 32) - w).norm().item<double>(), 0.1 * (rounded(w, 4, 32) - w).norm().item<double>());
  EXPECT_EQ(rounded(at::zeros({2, 8}), 4, 4).abs().max().item<double>(), 0);
  EXPECT_THROW(rounded(w, 1, 32), Error);
}

}  // namespace
}  // namespace fairfight
