#include "fairfight/arena/space.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <string>

#include "fairfight/base/error.h"

namespace fairfight {

SearchSpace& SearchSpace::hyperparameter(std::string name, std::vector<Json> values, Ends ends) {
  ends_[name] = ends;
  hyperparameters_.emplace_back(std::move(name), std::move(values));
  return *this;
}

SearchSpace& SearchSpace::log_uniform(std::string name, double least, double most, Ends ends) {
  if (!(least > 0 && least < most)) fail("[space] {}: got {} to {}, expected two positive numbers that ascend", name, least, most);
  ends_[name] = ends;
  ranges_.push_back({std::move(name), least, most});
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

size_t SearchSpace::size() const { return ranges_.empty() ? of_values() : kEndless; }

size_t SearchSpace::of_values() const {
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
  std::vector<size_t> order(of_values());
  std::iota(order.begin(), order.end(), size_t(0));
  random.shuffle(std::span(order));
  if (!ranges_.empty())
    for (size_t i = order.size(); i < trials; ++i) order.push_back(order[i - of_values()]);
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
  for (const auto& [name, least, most] : ranges_) {
    std::vector<size_t> parts(drawn.size());
    std::iota(parts.begin(), parts.end(), size_t(0));
    random.shuffle(std::span(parts));
    for (size_t i = 0; i < drawn.size(); ++i) {
      const double place = (double(parts[i]) + random.uniform()) / double(drawn.size());
      Json settings = drawn[i].json();
      settings[name] = std::stod(fmt::format("{:.3g}", least * std::pow(most / least, place)));  // so that it can be read
      drawn[i] = Settings(std::move(settings));
    }
  }
  return drawn;
}

Json SearchSpace::json() const {
  Json json = Json::object();
  for (const auto& [name, values] : hyperparameters_) json[name] = values;
  for (const auto& [name, least, most] : ranges_) json[name] = {{"from", least}, {"to", most}, {"uniform_in", "logarithm"}};
  if (reading_) json[reading_->first] = reading_->second;
  return json;
}

bool SearchSpace::has(const Json& settings) const {
  return settings.size() == hyperparameters_.size() + ranges_.size() &&
         std::all_of(hyperparameters_.begin(), hyperparameters_.end(), [&](const Hyperparameter& h) { return settings.contains(h.first) && std::find(h.second.begin(), h.second.end(), settings[h.first]) != h.second.end(); }) &&
         std::all_of(ranges_.begin(), ranges_.end(), [&](const Range& r) { return settings.contains(r.name) && settings[r.name] >= r.least && settings[r.name] <= r.most; });
}

std::vector<SearchSpace::End> SearchSpace::at_ends(const Json& settings) const {
  constexpr double kOutermost = 0.05;
  std::vector<End> found;
  const auto look = [&](const std::string& name, bool low, bool high, double chance) {
    const Ends ends = ends_.at(name);
    if (low && (ends == Ends::open || ends == Ends::open_below)) found.push_back({name, false, chance});
    if (high && (ends == Ends::open || ends == Ends::open_above)) found.push_back({name, true, chance});
  };
  for (const auto& [name, values] : hyperparameters_) {
    if (values.size() < 2 || !std::all_of(values.begin(), values.end(), [](const Json& v) { return v.is_number(); })) continue;
    const auto [least, most] = std::minmax_element(values.begin(), values.end(), [](const Json& a, const Json& b) { return a.get<double>() < b.get<double>(); });
    look(name, settings.at(name) == *least, settings.at(name) == *most, 1 / double(values.size()));
  }
  for (const auto& [name, least, most] : ranges_) {
    const double place = std::log(settings.at(name).get<double>() / least) / std::log(most / least);
    look(name, place <= kOutermost, place >= 1 - kOutermost, kOutermost);
  }
  return found;
}

}  // namespace fairfight
