#include "fairfight/organism/tinytown/town.h"

#include <algorithm>
#include <cmath>

#include "fairfight/base/error.h"
#include "fairfight/base/random.h"

namespace fairfight {
namespace {

using tinytown::Slot;
using tinytown::word_id;

/// `count` values that go round `list`, shuffled: each occurs equally often. A stream of its own for each trait, so that
/// a switch that changes one leaves the others.
template <class T>
std::vector<T> deal(const std::vector<T>& list, size_t count, uint64_t seed, std::string_view trait) {
  std::vector<T> dealt;
  for (size_t i = 0; i < count; ++i) dealt.push_back(list[i % list.size()]);
  Random random(seed, fmt::format("tinytown/{}", trait));
  random.shuffle(std::span<T>(dealt));
  return dealt;
}

/// Jobs for `count` people, the share `skew` of them from `own`, the rest from `other`.
std::vector<int32_t> deal_jobs(const std::vector<int32_t>& own, const std::vector<int32_t>& other, double skew, size_t count,
                               uint64_t seed, std::string_view trait) {
  const auto typical = size_t(std::lround(skew * double(count)));
  std::vector<int32_t> jobs;
  for (size_t i = 0; i < count; ++i) jobs.push_back(i < typical ? own[i % own.size()] : other[i % other.size()]);
  return deal(jobs, count, seed, trait);
}

}  // namespace

Town::Town(uint64_t seed, const Switches& switches) {
  const auto& city_names = tinytown::words_of(Slot::town);
  const auto landmarks = deal(tinytown::landmarks(), city_names.size(), seed, "landmarks");
  const auto regions = deal(tinytown::regions(), city_names.size(), seed, "regions");
  for (size_t i = 0; i < city_names.size(); ++i) cities.push_back({city_names[i], landmarks[i], regions[i]});

  const auto jobs = deal(tinytown::words_of(Slot::worker), tinytown::words_of(Slot::worker).size(), seed, "jobs");
  womens_jobs.assign(jobs.begin(), jobs.begin() + jobs.size() / 2);
  mens_jobs.assign(jobs.begin() + jobs.size() / 2, jobs.end());

  const auto& names = tinytown::words_of(Slot::name);
  const auto women = size_t(std::count_if(names.begin(), names.end(), tinytown::is_woman));
  const double skew = switches.gender_job ? kSkew : 0.5;
  auto job = deal_jobs(womens_jobs, mens_jobs, skew, women, seed, "women");
  const auto mens = deal_jobs(mens_jobs, womens_jobs, skew, names.size() - women, seed, "men");
  job.insert(job.end(), mens.begin(), mens.end());

  std::vector<size_t> homes(cities.size());
  for (size_t i = 0; i < homes.size(); ++i) homes[i] = i;
  const auto home = deal(homes, names.size(), seed, "homes");
  const auto pet = deal(tinytown::pets(), names.size(), seed, "pets");
  const auto food = deal(tinytown::foods(), names.size(), seed, "foods");
  const auto held_out = deal(std::vector<char>{1, 0, 0, 0}, names.size(), seed, "held out");
  // Some are spoken of more often than others (1 / (rank + 10)): what a model learns of the famous first, it then does for all.
  std::vector<size_t> ranks(names.size());
  for (size_t i = 0; i < ranks.size(); ++i) ranks[i] = i;
  const auto rank = deal(ranks, names.size(), seed, "fame");
  for (size_t i = 0; i < names.size(); ++i) {
    fame.push_back(1 / double(rank[i] + 10));
    people.push_back({names[i], tinytown::is_woman(names[i]), job[i], home[i], pet[i], food[i], bool(held_out[i])});
    if (held_out[i]) continue;
    two_hop_names.push_back(names[i]);
    two_hop_fame.push_back(fame.back());
  }
}

bool Town::leans_to_women(int32_t job) const {
  return std::find(womens_jobs.begin(), womens_jobs.end(), job) != womens_jobs.end();
}

const Person& Town::person(int32_t name) const { return people.at(size_t(name - people.front().name)); }
const City& Town::city(int32_t name) const { return cities.at(size_t(name - cities.front().name)); }

int32_t Town::word(const Person& person, Slot slot) const {
  struct Pronouns {
    int32_t he, him, his;
  };
  static const Pronouns she{word_id("she"), word_id("her"), word_id("her")};
  static const Pronouns he{word_id("he"), word_id("him"), word_id("his")};
  const Pronouns& pronouns = person.woman ? she : he;
  const City& home = cities[person.city];
  switch (slot) {
    case Slot::name: return person.name;
    case Slot::he: return pronouns.he;
    case Slot::him: return pronouns.him;
    case Slot::his: return pronouns.his;
    case Slot::job: return person.job;
    case Slot::city: return home.name;
    case Slot::landmark: return home.landmark;
    case Slot::region: return home.region;
    case Slot::pet: return person.pet;
    case Slot::food: return person.food;
    default: fail("[tinytown] blank {} is not one of a person", int(slot));
  }
}

}  // namespace fairfight
