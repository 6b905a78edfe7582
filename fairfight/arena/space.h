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

/// Which ends of a hyperparameter's numbers are no ends of what there is: a winner that stands there might have been better beyond.
enum class Ends { open,
                  open_above,
                  open_below,
                  natural };

/// What may be tuned: hyperparameters with their possible values, registered before the first fit.
class SearchSpace {
 public:
  SearchSpace& hyperparameter(std::string name, std::vector<Json> values, Ends ends = Ends::open);

  /// Any number between these two, uniformly in its logarithm: of so many trials one lies in each of as many equal parts.
  SearchSpace& log_uniform(std::string name, double least, double most, Ends ends = Ends::open);

  /// One hyperparameter may be no matter of luck: it says how what was made is read, costs little beside making it, and is tried with all its values in every
  /// trial. The first value is what is meant; another one has to be better by more than chance (Validation::chance).
  SearchSpace& reading(std::string name, std::vector<Json> values);

  /// The values of this hyperparameter come up equally often, as far as the number of trials allows.
  SearchSpace& evenly(std::string name, std::vector<Json> values);

  /// `trials` settings, drawn uniformly; without repetition until the space is used up, then it repeats no more. With a range it is never used up.
  std::vector<Settings> draw(size_t trials, Random random) const;
  /// Drawn settings with each value of the reading, in its order; alone where there is none.
  std::vector<Settings> readings(const Settings& drawn) const;
  Json json() const;
  size_t size() const;  // of the space that is drawn from; kEndless with a range
  static constexpr size_t kEndless = 1'000'000'000;

  /// Whether a draw could have given these settings: all hyperparameters, each with a value of its own or within its range. Without the reading.
  bool has(const Json& settings) const;

  /// A hyperparameter of which settings stand at an end that is open, and how often they would by chance: of a range in its outermost twentieth.
  struct End {
    std::string name;
    bool high;
    double chance;
  };
  std::vector<End> at_ends(const Json& settings) const;

 private:
  struct Range {
    std::string name;
    double least, most;
  };
  size_t of_values() const;
  Settings nth(size_t index) const;

  using Hyperparameter = std::pair<std::string, std::vector<Json>>;
  std::vector<Hyperparameter> hyperparameters_;
  std::vector<Range> ranges_;
  std::map<std::string, Ends> ends_;
  std::optional<Hyperparameter> reading_;
  std::string evenly_{};  // the name of one of the hyperparameters, or nothing
};

}  // namespace fairfight
