#include "fairfight/base/profile.h"

#include <gtest/gtest.h>

namespace fairfight {
namespace {

TEST(Profile, AddsUpByName) {
  Profile profile;
  profile.add("a", 1);
  profile.add("b", 2);
  profile.add("a", 3);
  ASSERT_EQ(profile.seconds().size(), 2u);
  EXPECT_EQ(profile.seconds()[0], (std::pair<std::string, double>("a", 4)));
  {
    const Timed timed(profile, "b");
  }
  EXPECT_GE(profile.seconds()[1].second, 2);
  double passed = 0;
  {
    const Timed timed(profile, "c", 3);
    while (passed < 1e-3) passed = timed.so_far();
  }
  EXPECT_GE(profile.seconds()[2].second, 3 * passed);
}

}  // namespace
}  // namespace fairfight
