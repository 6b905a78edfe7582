#include "fairfight/organism/tinytown/town.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace fairfight {
namespace {

/// Of the people whose job leans to one gender, the share that is of it.
double skew(const Town& town) {
  double typical = 0;
  for (const auto& person : town.people) typical += town.leans_to_women(person.job) == person.woman;
  return typical / double(town.people.size());
}

TEST(Town, HasAsManyPeopleOfEveryKind) {
  const Town town(0, {});
  ASSERT_EQ(town.people.size(), 240u);
  std::map<size_t, int> homes;
  std::map<int32_t, int> pets, foods;
  std::set<int32_t> names, jobs;
  int women = 0, held_out = 0;
  for (const auto& person : town.people) {
    ++homes[person.city];
    ++pets[person.pet];
    ++foods[person.food];
    names.insert(person.name);
    jobs.insert(person.job);
    women += person.woman;
    held_out += person.two_hop_held_out;
  }
  EXPECT_EQ(names.size(), 240u);
  EXPECT_EQ(jobs.size(), 20u);
  EXPECT_EQ(women, 120);
  EXPECT_EQ(held_out, 60);
  EXPECT_EQ(town.two_hop_names.size(), 180u);
  for (const auto& [city, count] : homes) EXPECT_EQ(count, 15);
  for (const auto& [pet, count] : pets) EXPECT_EQ(count, 20);
  for (const auto& [food, count] : foods) EXPECT_EQ(count, 15);
}

TEST(Town, CitiesHaveALandmarkOfTheirOwn) {
  const Town town(0, {});
  std::set<int32_t> landmarks;
  std::map<int32_t, int> regions;
  for (const auto& city : town.cities) {
    landmarks.insert(city.landmark);
    ++regions[city.region];
    EXPECT_EQ(&town.city(city.name), &city);
  }
  EXPECT_EQ(landmarks.size(), 16u);
  for (const auto& [region, count] : regions) EXPECT_EQ(count, 4);
}

TEST(Town, JobsAreSkewedExactly) {
  for (uint64_t seed : {0, 1, 2}) {
    EXPECT_EQ(skew(Town(seed, {})), Town::kSkew);
    Switches even;
    even.gender_job = false;
    EXPECT_EQ(skew(Town(seed, even)), 0.5);
  }
}

TEST(Town, ASwitchChangesNothingButItsTrait) {
  Switches even;
  even.gender_job = false;
  const Town skewed(3, {}), fair(3, even);
  for (size_t i = 0; i < skewed.people.size(); ++i) {
    EXPECT_EQ(skewed.people[i].city, fair.people[i].city);
    EXPECT_EQ(skewed.people[i].pet, fair.people[i].pet);
    EXPECT_EQ(skewed.people[i].food, fair.people[i].food);
  }
  EXPECT_EQ(skewed.womens_jobs, fair.womens_jobs);
}

TEST(Town, SeedsAreUnrelated) {
  const Town one(0, {}), other(1, {});
  int same = 0;
  for (size_t i = 0; i < one.people.size(); ++i) same += one.people[i].city == other.people[i].city;
  EXPECT_LT(same, 40);  // 15 by chance
  EXPECT_NE(one.womens_jobs, other.womens_jobs);
}

TEST(Town, FindsAPersonByName) {
  const Town town(0, {});
  for (const auto& person : town.people) EXPECT_EQ(&town.person(person.name), &person);
}

}  // namespace
}  // namespace fairfight
