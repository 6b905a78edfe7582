#include "fairfight/arena/space.h"

#include <algorithm>
#include <map>
#include <numeric>

namespace fairfight {

SearchSpace& SearchSpace::hyperparameter(std::string name, std::vector<Json> values) {
  hyperparameters_.emplace_back(std::move(name), std::move(values));
  return *this;
}

SearchSpace& SearchSpace::evenly(std::string name, std::vector<Json> values) {
  evenly_ = name;
  return hyperparameter(std::move(name), std::move(values));
}

SearchSpace& SearchSpace::reading(std::string name, std::vector<Json> values) {
  reading_.emplace(std::move(name), std::move(values));
  return *this;
}

std::vector<Settings> SearchSpace::readings(const Settings& drawn) const {
  if (!reading_) return {drawn};
  std::vector<Settings> list;
  for (const auto& value : reading_->second) {
    Json read = drawn.json();
    read[reading_->first] = value;
    list.emplace_back(std::move(read));
  }
  return list;
}

size_t SearchSpace::size() const {
  size_t n = 1;
  for (const auto& [name, values] : hyperparameters_) n *= values.size();
  return n;
}

Settings SearchSpace::nth(size_t index) const {
  Json chosen = Json::object();
  for (const auto& [name, values] : hyperparameters_) {
    chosen[name] = values[index % values.size()];
    index /= values.size();
  }
  return Settings(std::move(chosen));
}

std::vector<Settings> SearchSpace::draw(size_t trials, Random random) const {
  std::vector<size_t> order(size());
  std::iota(order.begin(), order.end(), size_t(0));
  random.shuffle(std::span(order));
  std::vector<Settings> all;
  std::map<Json, size_t> before;  // how often a value has come up
  std::vector<std::pair<size_t, size_t>> turns;
  for (size_t i = 0; i < order.size(); ++i) {
    all.push_back(nth(order[i]));
    turns.emplace_back(evenly_.empty() ? 0 : before[all.back().json().at(evenly_)]++, i);
  }
  std::sort(turns.begin(), turns.end());
  std::vector<Settings> drawn;
  for (size_t i = 0; i < std::min(trials, turns.size()); ++i) drawn.push_back(all[turns[i].second]);
  return drawn;
}

Json SearchSpace::json() const {
  Json json = Json::object();
  for (const auto& [name, values] : hyperparameters_) json[name] = values;
  if (reading_) json[reading_->first] = reading_->second;
  return json;
}

}  // namespace fairfight
