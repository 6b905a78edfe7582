#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "fairfight/arena/job.h"
#include "fairfight/arena/outcome.h"
#include "fairfight/arena/task.h"

namespace fairfight {

/// A contestant at its desk in one organism: it tunes on validation, and what it chose meets the test. What it has come to is kept after every trial, and
/// after the test in another file: what it had tuned stays as it was, for ranks that come to read it later.
class Participant {
 public:
  /// `sites` outlives it. `run` becomes what the jobs have kept, if that is anything.
  Participant(const Method& method, const std::vector<Site>& sites, const Round& round, const FightInfo& info, std::unique_ptr<Desk> desk, Run& run, Job tuning, Job testing);

  /// The card's number of trials, each scored on validation, and what each share's budget chooses among them.
  void tune(const Card& card, double dictionary_flops);

  /// What was chosen on the opened test. `reported`: with its findings, which are not judged; `first`: those that are costly as well.
  void test(bool reported, bool first);

  /// Leaves the primary choice in the folder, if there is one.
  void keep(const std::filesystem::path& folder, const std::string& name);

  /// The test is done: its outcome counts from here on, and what was made goes.
  void close();
  bool closed() const { return closed_; }

 private:
  struct Trying {
    Settings settings;
    Made made;
    Validation validation;
    std::string tag;
    Work cost;
  };
  Made make(const Settings& settings);
  Trying trying(const Settings& settings);
  Trying best_reading(const Settings& drawn);
  const Made& made(size_t trial);  // anew, and unpaid, if an interrupted process made it
  void save(Job& job);
  std::map<std::string, double> inspected(const Made& made) const;

  const Method& method_;
  const std::vector<Site>& sites_;  // of the card
  const SearchSpace space_;
  const Round& round_;
  const FightInfo& info_;
  std::unique_ptr<Desk> desk_;
  Run& run_;
  Job tuning_, testing_;
  bool closed_ = false;
  std::map<size_t, Made> made_;  // of the chosen trials
};

}  // namespace fairfight
