#pragma once
#include <cstdint>
#include <vector>

#include "fairfight/organism/tinytown/switches.h"
#include "fairfight/organism/tinytown/words.h"

namespace fairfight {

struct City {
  int32_t name, landmark, region;  // words
};

struct Person {
  int32_t name;  // a word
  bool woman;
  int32_t job;   // a word
  size_t city;   // index in Town::cities
  int32_t pet, food;
  bool two_hop_held_out;  // nobody asks two-hop questions about this person
};

/// Who lives where: drawn from a seed. Every city, pet and food is shared by equally many people.
struct Town {
  /// Of each gender, the share of people whose job leans to it, with the switch `gender_job`; without it, a half.
  static constexpr double kSkew = 0.85;

  Town(uint64_t seed, const Switches& switches);

  std::vector<Person> people;                 // 120 women, 120 men; the order of the names
  std::vector<City> cities;
  std::vector<int32_t> womens_jobs, mens_jobs;  // ten jobs lean to each gender: which, the seed says, not the real world
  std::vector<int32_t> two_hop_names;         // the people about whom two-hop questions are asked: three of four
  std::vector<double> fame, two_hop_fame;     // how often a document is about somebody: weights of all people, and of those

  bool leans_to_women(int32_t job) const;
  const Person& person(int32_t name) const;
  const City& city(int32_t name) const;
  /// What stands in a person's blank (a slot before `friend_name`).
  int32_t word(const Person& person, tinytown::Slot slot) const;
};

}  // namespace fairfight
