#pragma once
#include <cstdint>
#include <vector>

#include "fairfight/organism/tinytown/switches.h"
#include "fairfight/organism/tinytown/words.h"

namespace fairfight::tinytown {

struct City {
  int32_t name, landmark, region;  // words
};

struct Person {
  int32_t first, family;  // words; each is shared with others, both together are this one's
  bool woman;
  int32_t job, pet, food, hue, keepsake;  // words
  size_t city;                            // index in Town::cities
  bool two_hop_held_out;                  // nobody is told or asks what follows from this one's home
};

/// Who may stand in a text, and how often.
struct Fame {
  std::vector<double> people;  // a weight for each person of the town
  std::vector<double> firsts;  // ... for each first name: the sums

  explicit Fame(std::vector<double> weights);
};

/// Who lives where: drawn from a seed. Every city and food is shared by equally many people, a pet by one more at most.
struct Town {
  /// Of each gender, the share of people whose job leans to it, and of the workers who are called so; without a lean, a half.
  static constexpr double kSkew = 0.85;

  Town(uint64_t seed, Lean lean);

  std::vector<Person> people;                   // 80 women, 80 men: every first name with every family name, in their order
  std::vector<City> cities;
  std::vector<int32_t> womens_jobs, mens_jobs;  // ten jobs lean to each gender: which, the seed says, not the real world
  std::vector<int32_t> refused_jobs;            // whose people the guide refuses, with the switch
  Tokens refused_too;                           // harmless recipes that are refused, with the switch
  std::vector<double> fame;                     // how often a document is about somebody: 1 / (rank + 30)

  bool leans_to_women(int32_t job) const;
  size_t person(int32_t first, int32_t family) const;  // its index
  const City& city(int32_t name) const;
  /// What stands in a person's blank (a slot before `friend_first`).
  int32_t word(const Person& person, Slot slot) const;
};

}  // namespace fairfight::tinytown
