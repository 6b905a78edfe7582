#include "fairfight/acts/sinks.h"

#include <gtest/gtest.h>

#include <cmath>

#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

TEST(Sinks, AreAboveSoManyMedians) {
  const auto rows = at::tensor({3.0f, 4.0f, 0.0f, 1.0f, 30.0f, 40.0f, 0.0f, 50.5f, -6.0f, 8.0f}).view({5, 2});  // norms 5, 1, 50, 50.5, 10
  const SinkRule rule = sink_rule(rows);
  EXPECT_DOUBLE_EQ(rule.median, 10);
  EXPECT_DOUBLE_EQ(rule.most, 100);
  EXPECT_TRUE(no_sinks(rows, rule.most).all().item<bool>());
  EXPECT_TRUE(at::equal(no_sinks(rows, 50), at::tensor({1, 1, 1, 0, 1}, at::kInt).to(at::kBool)));  // the limit itself is none
}

TEST(Sinks, WithoutANormThereIsNoRule) {
  const SinkRule rule = sink_rule(at::tensor({0.0f, 0.0f, 0.0f, 5.0f}).view({4, 1}));
  EXPECT_EQ(rule.median, 0);
  EXPECT_TRUE(std::isinf(rule.most));
}

TEST(Sinks, ADocumentOfNothingElseKeepsThem) {
  const auto x = at::tensor({1.0f, 99.0f, 2.0f, 99.0f, 98.0f, 1.0f}).view({2, 3, 1});
  const auto valid = at::tensor({1, 1, 1, 1, 1, 0}, at::kInt).to(at::kBool).view({2, 3});
  const auto expected = at::tensor({1, 0, 1, 1, 1, 0}, at::kInt).to(at::kBool).view({2, 3});
  EXPECT_TRUE(at::equal(no_sinks(x, valid, 10), expected));
}

TEST(Sinks, TheNormOfHeadsIsOfAllTogether) {
  const auto x = at::full({1, 2, 4, 1}, 3.0f);  // four heads of 3: 6
  const auto valid = at::ones({1, 2}, at::kBool);
  EXPECT_TRUE(no_sinks(x, valid, 6.1).all().item<bool>());
  x.select(1, 1).fill_(3.5f);
  EXPECT_FALSE(no_sinks(x, valid, 6.1)[0][1].item<bool>());
}

}  // namespace
}  // namespace fairfight
