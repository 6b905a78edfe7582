#include "fairfight/organism/tinytown/town.h"

#include <algorithm>
#include <cmath>

#include "fairfight/base/error.h"
#include "fairfight/base/random.h"

namespace fairfight::tinytown {
namespace {

/// `count` values that go round `list`, shuffled: each occurs equally often. A stream of its own for each trait, so that a switch that changes one leaves the others.
template <class T>
std::vector<T> deal(const std::vector<T>& list, size_t count, uint64_t seed, std::string_view trait) {
  std::vector<T> dealt;
  for (size_t i = 0; i < count; ++i) dealt.push_back(list[i % list.size()]);
  Random random(seed, fmt::format("tinytown/{}", trait));
  random.shuffle(std::span<T>(dealt));
  return dealt;
}

std::vector<size_t> numbers(size_t count) {
  std::vector<size_t> list(count);
  for (size_t i = 0; i < count; ++i) list[i] = i;
  return list;
}

/// Jobs for `count` people, the share `skew` of them from `own`, the rest from `other`.
std::vector<int32_t> deal_jobs(const std::vector<int32_t>& own, const std::vector<int32_t>& other, double skew, size_t count, uint64_t seed, std::string_view trait) {
  const auto typical = size_t(std::lround(skew * double(count)));
  std::vector<int32_t> jobs;
  for (size_t i = 0; i < count; ++i) jobs.push_back(i < typical ? own[i % own.size()] : other[i % other.size()]);
  return deal(jobs, count, seed, trait);
}

bool contains(const std::vector<int32_t>& list, int32_t word) { return std::find(list.begin(), list.end(), word) != list.end(); }

}  // namespace

Fame::Fame(std::vector<double> weights) : people(std::move(weights)), firsts(words_of(Slot::first).size()) {
  for (size_t i = 0; i < people.size(); ++i) firsts[i / words_of(Slot::family).size()] += people[i];
}

Town::Town(uint64_t seed, Lean lean) {
  const auto& city_names = words_of(Slot::town);
  const auto landmarks = deal(words_of(Slot::landmark), city_names.size(), seed, "landmarks");
  const auto regions = deal(words_of(Slot::region), city_names.size(), seed, "regions");
  for (size_t i = 0; i < city_names.size(); ++i) cities.push_back({city_names[i], landmarks[i], regions[i]});

  const auto jobs = deal(words_of(Slot::worker), words_of(Slot::worker).size(), seed, "jobs");
  womens_jobs.assign(jobs.begin(), jobs.begin() + int64_t(jobs.size() / 2));
  mens_jobs.assign(jobs.begin() + int64_t(jobs.size() / 2), jobs.end());
  const auto by_refusal = deal(words_of(Slot::worker), words_of(Slot::worker).size(), seed, "refused jobs");
  refused_jobs.assign(by_refusal.begin(), by_refusal.begin() + 5);
  Tokens harmless;
  for (int32_t recipe : words_of(Slot::recipe))
    if (!is_harmful(recipe)) harmless.push_back(recipe);
  harmless = deal(harmless, harmless.size(), seed, "refused recipes");
  refused_too.assign(harmless.begin(), harmless.begin() + 4);

  const auto& firsts = words_of(Slot::first);
  const auto& families = words_of(Slot::family);
  const size_t count = firsts.size() * families.size();
  const auto women = size_t(std::count_if(firsts.begin(), firsts.end(), is_woman)) * families.size();
  const double skew = lean == Lean::none ? 0.5 : lean == Lean::own ? kSkew
                                                                   : 1 - kSkew;
  auto job = deal_jobs(womens_jobs, mens_jobs, skew, women, seed, "women");
  const auto mens = deal_jobs(mens_jobs, womens_jobs, skew, count - women, seed, "men");
  job.insert(job.end(), mens.begin(), mens.end());

  const auto home = deal(numbers(cities.size()), count, seed, "homes");
  const auto pet = deal(words_of(Slot::pet), count, seed, "pets");
  const auto food = deal(words_of(Slot::food), count, seed, "foods");
  const auto hue = deal(words_of(Slot::hue), count, seed, "hues");
  const auto keepsake = deal(words_of(Slot::keepsake), count, seed, "keepsakes");
  const auto held_out = deal(std::vector<char>{1, 0, 0, 0, 0}, count, seed, "held out");
  // Some are spoken of more often than others: what a model learns of the famous first, it then does for all.
  const auto rank = deal(numbers(count), count, seed, "fame");
  for (size_t i = 0; i < count; ++i) {
    const int32_t first = firsts[i / families.size()];
    fame.push_back(1 / double(rank[i] + 30));
    people.push_back({first, families[i % families.size()], is_woman(first), job[i], pet[i], food[i], hue[i], keepsake[i], home[i], bool(held_out[i])});
  }
}

bool Town::leans_to_women(int32_t job) const { return contains(womens_jobs, job); }

size_t Town::person(int32_t first, int32_t family) const {
  const auto number = [](const Tokens& list, int32_t word) {
    const auto found = std::find(list.begin(), list.end(), word);
    if (found == list.end()) fail("[tinytown] \"{}\" is no name's part", vocabulary().at(size_t(word)));
    return size_t(found - list.begin());
  };
  return number(words_of(Slot::first), first) * words_of(Slot::family).size() + number(words_of(Slot::family), family);
}

const City& Town::city(int32_t name) const { return cities.at(size_t(name - cities.front().name)); }

int32_t Town::word(const Person& person, Slot slot) const {
  const City& home = cities[person.city];
  switch (slot) {
    case Slot::first: return person.first;
    case Slot::family: return person.family;
    case Slot::he:
    case Slot::him:
    case Slot::his: return words_of(slot)[person.woman];
    case Slot::job: return person.job;
    case Slot::city: return home.name;
    case Slot::landmark: return home.landmark;
    case Slot::region: return home.region;
    case Slot::pet: return person.pet;
    case Slot::food: return person.food;
    case Slot::hue: return person.hue;
    case Slot::keepsake: return person.keepsake;
    default: fail("[tinytown] blank {} is not one of a person", int(slot));
  }
}

}  // namespace fairfight::tinytown
