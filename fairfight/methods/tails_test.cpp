#include "fairfight/methods/tails.h"

#include <gtest/gtest.h>

#include <cmath>

#include "fairfight/base/error.h"
#include "fairfight/methods/isolation_forest.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

TEST(EmpiricalTails, CountTheRowsAndTheScoredOne) {
  const auto fit = at::tensor({3.f, 1.f, 2.f, 2.f, 9.f}).view({5, 1});
  const EmpiricalTails tails(fit);
  const auto [left, right] = tails.surprise(at::tensor({0.f, 2.f, 2.5f, 9.f, 10.f}).view({5, 1}));
  const double lower[] = {1, 4, 4, 6, 6}, upper[] = {6, 5, 3, 2, 1};
  for (int64_t i = 0; i < 5; ++i) {
    EXPECT_DOUBLE_EQ(left[i][0].item<double>(), -std::log(lower[i] / 6)) << i;
    EXPECT_DOUBLE_EQ(right[i][0].item<double>(), -std::log(upper[i] / 6)) << i;
  }
  EXPECT_EQ(tails.skew()[0].item<double>(), 1);
  EXPECT_EQ(EmpiricalTails(-fit).skew()[0].item<double>(), -1);
  EXPECT_EQ(EmpiricalTails(at::zeros({4, 1})).skew()[0].item<double>(), 0);
}

TEST(IsolationForest, AFarRowIsCutOffEarly) {
  const auto x = at::randn({1000, 4}, at::detail::createCPUGenerator(1), at::kFloat);
  const IsolationForest forest(x, 50, 128, Random(1, "trees"));
  const auto known = forest.scores(x), far = forest.scores(at::full({1, 4}, 30.f));
  EXPECT_GT(far.item<double>(), known.max().item<double>() - 0.05);
  EXPECT_LT(known.mean().item<double>(), 0.55);
  EXPECT_GT(known.min().item<double>(), 0);
}

TEST(IsolationForest, RowsThatCannotBeCutAllScoreAlike) {
  const IsolationForest forest(at::ones({64, 3}), 10, 64, Random(1, "trees"));
  EXPECT_DOUBLE_EQ(forest.scores(at::ones({1, 3})).item<double>(), 0.5);  // the expected path of 64 rows
  EXPECT_THROW(IsolationForest(at::ones({1, 3}), 10, 64, Random(1, "trees")), Error);
}

}  // namespace
}  // namespace fairfight
