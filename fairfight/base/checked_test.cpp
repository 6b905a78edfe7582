#include "fairfight/base/checked.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fairfight/base/testing.h"

namespace fairfight {
namespace {

using testing::HasSubstr;

TEST(Checked, IsExactUpToTheLastNumber) {
  EXPECT_EQ(checked_mul(UINT64_MAX / 5, 5, "x"), UINT64_MAX);
  EXPECT_EQ(checked_mul(UINT64_MAX, 0, "x"), 0u);
  EXPECT_EQ(checked_add(UINT64_MAX - 1, 1, "x"), UINT64_MAX);
}

TEST(Checked, RefusesToWrap) {
  EXPECT_THAT(error_of([] { checked_mul(1ull << 32, 1ull << 32, "tensor w"); }), HasSubstr("tensor w"));
  EXPECT_THAT(error_of([] { checked_add(UINT64_MAX, 1, "tensor w"); }), HasSubstr("tensor w"));
}

}  // namespace
}  // namespace fairfight
