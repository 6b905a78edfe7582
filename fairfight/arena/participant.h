#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "fairfight/arena/fight.h"
#include "fairfight/arena/outcome.h"

namespace fairfight {

/// A contestant at its desk in one organism: it tunes on validation, and what it chose meets the test.
class Participant {
 public:
  Participant(const Method& method, const Round& round, const FightInfo& info, std::unique_ptr<Desk> desk, Run& run)
      : method_(method), round_(round), info_(info), desk_(std::move(desk)), run_(run) {}

  /// The card's number of trials, each scored on validation, and what each share's budget chooses among them.
  void tune(const Card& card, double dictionary_flops);

  /// What was chosen on the opened test. `told`: with its findings, which are not judged; `first`: those that are costly as well.
  void test(bool told, bool first);

  /// Leaves the primary choice in the folder, if there is one; before forget().
  void keep(const std::filesystem::path& folder, const std::string& name) const;
  void forget() { made_.clear(); }

 private:
  struct Trying {
    Settings settings;
    Made made;
    Validation validation;
    std::string tag;
  };
  Trying trying(const Settings& settings);
  Trying best_reading(const Settings& drawn);
  std::map<std::string, double> inspected(const Made& made) const;

  const Method& method_;
  const Round& round_;
  const FightInfo& info_;
  std::unique_ptr<Desk> desk_;
  Run& run_;
  std::map<size_t, Made> made_;  // of the chosen trials
};

}  // namespace fairfight
