#include "fairfight/model/engine.h"

#include <gtest/gtest.h>

#include <atomic>
#include <vector>

#include "fairfight/base/error.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

TEST(SideBySide, DoesEveryJobOnceOnOneThreadEach) {
  const int before = engine_threads();
  std::vector<std::atomic<int>> times(20);
  std::atomic<int> widest{0};
  side_by_side(times.size(), [&](size_t i) {
    ++times[i];
    widest = std::max(widest.load(), engine_threads());
  });
  for (const auto& n : times) EXPECT_EQ(n, 1);
  EXPECT_EQ(widest, 1);
  EXPECT_EQ(engine_threads(), before);  // of the caller
}

TEST(SideBySide, ThrowsTheFirstErrorOnAndBeginsNothingBehindIt) {
  std::atomic<int> begun{0};
  EXPECT_THROW(side_by_side(1000,
                            [&](size_t) {
                              ++begun;
                              fail("[job] broken");
                            }),
               Error);
  EXPECT_LE(begun, engine_threads());
  side_by_side(0, [](size_t) { FAIL(); });
}

TEST(SideBySide, NumbersAreThoseOfOneThread) {
  const auto x = at::arange(200000, at::kFloat).view({400, 500}).sin();
  const auto product = [&] { return x.t().mm(x).sum(at::kDouble).item<double>(); };
  std::vector<double> values(4);
  side_by_side(values.size(), [&](size_t i) { values[i] = product(); });
  for (double v : values) EXPECT_EQ(v, values[0]);
}

}  // namespace
}  // namespace fairfight
