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
  { const Timed timed(profile, "b"); }
  EXPECT_GE(profile.seconds()[1].second, 2);
}

}  // namespace
}  // namespace fairfight
