#include "fairfight/arena/tier.h"

#include <gtest/gtest.h>

namespace fairfight {
namespace {

using Label = Result::Label;

Result settled(Label label, bool necessary) {
  Result r;
  r.registration.sha256 = "some hash";
  r.fight.per_family = 100;
  r.contestants.resize(2);
  r.verdict.ruling.label = label;
  r.necessity.passed = necessary;
  return r;
}

TEST(Tier, AnOrganismReachesThreeAtMost) {
  EXPECT_EQ(tier_of(settled(Label::beats, true), true).value, 3);
  EXPECT_EQ(tier_of(settled(Label::beats, true), true).most, 3);
  EXPECT_EQ(tier_of(settled(Label::beats, true), false).value, 4);
}

TEST(Tier, UsefulEngineeringNeedsAWinAndTheDictionary) {
  EXPECT_EQ(tier_of(settled(Label::competitive, true), false).value, 4);
  EXPECT_EQ(tier_of(settled(Label::competitive, false), false).value, 3);
  EXPECT_EQ(tier_of(settled(Label::loses, true), false).value, 3);
}

TEST(Tier, FallsWithWhatIsMissing) {
  EXPECT_EQ(tier_of(settled(Label::inconclusive, true), false).value, 2);
  Result starved = settled(Label::beats, true);
  starved.contestants[1].starved = "it had 3 trials of 10";
  EXPECT_EQ(tier_of(starved, false).value, 2);
  Result unregistered = settled(Label::beats, true);
  unregistered.registration.sha256.clear();
  EXPECT_EQ(tier_of(unregistered, false).value, 1);
}

TEST(Tier, SaysWhatIsMissing) {
  EXPECT_NE(tier_of(settled(Label::inconclusive, true), true).sentence.find("the verdict is settled"), std::string::npos);
  EXPECT_NE(tier_of(settled(Label::loses, false), true).sentence.find("organism"), std::string::npos);
}

}  // namespace
}  // namespace fairfight
