#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fairfight/base/json.h"
#include "fairfight/base/random.h"

namespace fairfight {

/// One choice for every hyperparameter of a search space.
class Settings {
 public:
  explicit Settings(Json values) : values_(std::move(values)) {}
  std::string text(const std::string& hyperparameter) const { return values_.at(hyperparameter).get<std::string>(); }
  int64_t integer(const std::string& hyperparameter) const { return values_.at(hyperparameter).get<int64_t>(); }
  double number(const std::string& hyperparameter) const { return values_.at(hyperparameter).get<double>(); }
  const Json& json() const { return values_; }
  bool operator==(const Settings&) const = default;

 private:
  Json values_;
};

/// What may be tuned: hyperparameters with their possible values, registered before the first fit.
class SearchSpace {
 public:
  SearchSpace& hyperparameter(std::string name, std::vector<Json> values);
  /// One hyperparameter may be no matter of luck: it says how what was made is read, costs little beside making it, and is tried with all its values in every
  /// trial. The first value is what is meant; another one has to be better by more than chance (Validation::chance).
  SearchSpace& reading(std::string name, std::vector<Json> values);

  /// The values of this hyperparameter come up equally often, as far as the number of trials allows.
  SearchSpace& evenly(std::string name, std::vector<Json> values);

  /// `trials` settings, drawn uniformly; without repetition until the space is used up, then it repeats no more.
  std::vector<Settings> draw(size_t trials, Random random) const;
  /// Drawn settings with each value of the reading, in its order; alone where there is none.
  std::vector<Settings> readings(const Settings& drawn) const;
  Json json() const;
  size_t size() const;  // of the space that is drawn from

 private:
  Settings nth(size_t index) const;

  using Hyperparameter = std::pair<std::string, std::vector<Json>>;
  std::vector<Hyperparameter> hyperparameters_;
  std::optional<Hyperparameter> reading_;
  std::string evenly_{};  // the name of one of the hyperparameters, or nothing
};

}  // namespace fairfight
