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
  r.contestants[0].role = Result::Role::challenger;
  r.contestants[1].calibration = {0.9, 0.9, 0.01};
  r.verdict.ruling.label = label;
  r.necessity.passed = necessary;
  return r;
}

TEST(Tier, AnOrganismReachesThreeAtMost) {
  EXPECT_EQ(tier_of(settled(Label::beats, true), Cases::planted).value, 3);
  EXPECT_EQ(tier_of(settled(Label::beats, true), Cases::planted).most, 3);
  EXPECT_EQ(tier_of(settled(Label::beats, true), Cases::met).value, 4);
}

TEST(Tier, UsefulEngineeringNeedsAWinAndTheDictionary) {
  EXPECT_EQ(tier_of(settled(Label::competitive, true), Cases::met).value, 4);
  EXPECT_EQ(tier_of(settled(Label::competitive, false), Cases::met).value, 3);
  EXPECT_EQ(tier_of(settled(Label::loses, true), Cases::met).value, 3);
}

TEST(Tier, FallsWithWhatIsMissing) {
  EXPECT_EQ(tier_of(settled(Label::inconclusive, true), Cases::met).value, 2);
  Result under_tuned = settled(Label::beats, true);
  under_tuned.contestants[1].under_tuned = "it had 3 trials of 10";
  EXPECT_EQ(tier_of(under_tuned, Cases::met).value, 4);  // the label holds all the same, or it would not be one
  under_tuned.contestants[1].unpaid = true;
  EXPECT_EQ(tier_of(under_tuned, Cases::met).value, 2);
  Result unheld = settled(Label::beats, true);
  unheld.contestants[1].calibration.reset();
  EXPECT_EQ(tier_of(unheld, Cases::met).value, 2);
  Result unregistered = settled(Label::beats, true);
  unregistered.registration.sha256.clear();
  EXPECT_EQ(tier_of(unregistered, Cases::met).value, 1);
}

TEST(Tier, SaysWhatIsMissing) {
  EXPECT_EQ(tier_of(settled(Label::inconclusive, true), Cases::planted).sentence,
            "Tier 2, basic science; for tier 3 the verdict must be settled. A fight on an organism can reach tier 3.");
  EXPECT_NE(tier_of(settled(Label::loses, false), Cases::planted).sentence.find("organism"), std::string::npos);
}

TEST(Tier, CasesThatARuleMadeReachThreeInAUsersModel) {
  const auto made = tier_of(settled(Label::beats, true), Cases::made), met = tier_of(settled(Label::beats, true), Cases::met);
  EXPECT_EQ(made.value, 3);
  EXPECT_EQ(made.most, 3);
  EXPECT_EQ(met.most, 4);
  EXPECT_NE(made.sentence.find("met in use"), std::string::npos) << made.sentence;
  EXPECT_NE(made.sentence.find("can reach tier 3"), std::string::npos);
  EXPECT_NE(met.sentence.find("can reach tier 4"), std::string::npos);
  EXPECT_EQ(tier_of(settled(Label::beats, true), Cases::planted).sentence.find("this model alone"), std::string::npos);
}

TEST(Tier, EachMissingPieceHasItsWords) {
  const size_t pieces = tier_of(settled(Label::beats, true), Cases::met).evidence.size();
  EXPECT_EQ(pieces, 11u);
  EXPECT_NE(tier_of(settled(Label::loses, true), Cases::met).sentence.find("for tier 4 the dictionary must beat, or be competitive with"), std::string::npos);
  EXPECT_NE(tier_of(settled(Label::beats, false), Cases::met).sentence.find("for tier 4 the dictionary must be needed"), std::string::npos);
}

}  // namespace
}  // namespace fairfight
