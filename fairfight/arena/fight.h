#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fairfight/arena/card.h"
#include "fairfight/arena/contestant.h"
#include "fairfight/arena/metric.h"
#include "fairfight/arena/own.h"
#include "fairfight/arena/plan.h"
#include "fairfight/arena/scores.h"
#include "fairfight/arena/seal.h"
#include "fairfight/base/profile.h"
#include "fairfight/base/progress.h"
#include "fairfight/model/checkpoint.h"
#include "fairfight/report/result.h"

namespace fairfight {

/// What a fight is about, and by what it is decided.
struct FightInfo {
  std::string name, title, question;
  std::string prediction;  // of the essay, "T3"
  std::string discipline;  // "detector"
  Metric metric;
  std::vector<Constraint> constraints = {};  // side effects; empty: there are none
};

/// What a trial came to on validation.
struct Validation {
  double score = 0;            // of the metric
  SideEffects side_effects{};  // one a constraint of the fight
  std::string note{};          // of an artifact that was not made as it should have been
  double chance = 0;           // how far two readings of the same thing are apart by chance (SearchSpace::reading)
  bool allowed = true;         // its side effects keep within the constraints: the referee's to say
};

/// What a choice came to on the test: its scores, and what else was seen on the way (told, never judged).
struct Tested {
  ItemScores scores;
  std::map<std::string, double> findings;
};

/// One seed of a fight: its model and its data. The test data lie sealed in here, out of every corner's reach.
template <class Artifact>
class Round {
 public:
  virtual ~Round() = default;
  virtual const LoadedModel& model() const = 0;
  virtual const Json& datasheet() const = 0;                                               // what is known of the model and of a user's text
  virtual const LoadedModel& harvested() const { return model(); }                         // whose activations the dictionary learns from
  virtual std::string note() const { return ""; }                                         // of the draw, for the user
  virtual const Batch& pool() const = 0;                                                   // clean text for everyone
  virtual const Labelled& labelled() const = 0;                                            // for references alone
  virtual const Examples* examples() const { return nullptr; }                            // of what is to be repaired
  virtual const Transformer* oracle() const { return nullptr; }                           // for references alone
  virtual Validation validate(const Artifact& artifact, const MeteredModel& model) const = 0;
  virtual Json hashes() const = 0;                                                         // name -> SHA-256 of all data
  virtual void close_test(const Registration& registration, const std::filesystem::path& file) = 0;
  virtual void open_test(const Registration& registration) = 0;
  virtual Tested test(const Artifact& artifact, const MeteredModel& model) const = 0;  // error before it is open
  virtual std::vector<const Batch*> opened() const { return {}; }                         // its text, of fights that score texts by their rows
  /// A word for the artifact's kind, which stands beside its contestant's title; empty: there is only one.
  virtual std::string tag(const Artifact&) const { return ""; }
  /// What is costly to find and told besides: asked once an organism, of the first dictionary seed. Not booked.
  virtual std::map<std::string, double> inspect(const Artifact&) const { return {}; }
  /// Leaves what was chosen in the fight's output folder, for use behind the fight.
  virtual void keep(const Artifact&, const std::filesystem::path& /*folder*/, const std::string& /*name*/) const {}
};

/// A task: data and splits, one discipline, its contestants and its metric. One file of fights/ each.
template <class Artifact>
class Fight {
 public:
  virtual ~Fight() = default;
  virtual const FightInfo& info() const = 0;
  virtual const Roster<Artifact>& roster() const = 0;
  virtual std::unique_ptr<Round<Artifact>> round(const Card& card, size_t index) const = 0;
  /// What is to be read, by what the card says.
  virtual Workload work(const Card& card) const = 0;
  /// How a baseline does on the discipline's calibration task; empty for one that has none.
  virtual std::optional<Calibration> calibrate(const Contestant<Artifact>& contestant) const = 0;
};

/// Where a fight runs: its output folder, whether to take up what lies there, and who hears of the progress.
struct Venue {
  std::filesystem::path folder;
  bool resume = false;
  Progress::Sink progress;
  Profile* profile = nullptr;
  bool keep_all = false;  // everyone's artifacts, not only the two champions'
  std::shared_ptr<Memo> memo = std::make_shared<Memo>();  // of what a fight and the studies beside it would all draw and measure
  std::shared_ptr<Memo> rows = nullptr;                   // ... and the rows that they harvest, document by document; large
};

struct ContestantInfo {
  std::string name, title, about;
  Role role;
  Json space;
  int64_t settings;  // in the whole space
};

/// A fight without its type, as the command line lists and runs it.
struct FightEntry {
  FightInfo info;
  std::vector<ContestantInfo> contestants;
  Result (*run)(const Card& card, const Venue& venue);
  Plan (*plan)(const Card& card);  // from the models' configs and the card's numbers alone
  void (*bring)(Json& data, const Own& own) = nullptr;  // a user's own files into the card's [data]; null: there is no such fight
};

template <class Artifact>
std::vector<ContestantInfo> describe(const Roster<Artifact>& roster) {
  std::vector<ContestantInfo> list;
  for (const auto& c : roster)
    list.push_back({std::string(c->name()), std::string(c->title()), std::string(c->about()), c->role(), c->space().json(), int64_t(c->space().size())});
  return list;
}

}  // namespace fairfight
