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
#include "fairfight/arena/plan.h"
#include "fairfight/arena/scores.h"
#include "fairfight/arena/seal.h"
#include "fairfight/arena/tier.h"
#include "fairfight/base/profile.h"
#include "fairfight/base/progress.h"
#include "fairfight/model/checkpoint.h"

namespace fairfight {

struct Contest;
struct RoundOutcome;

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

/// What a choice came to on the test: its scores, and what else was seen on the way (reported, never judged).
struct Tested {
  ItemScores scores;
  std::map<std::string, double> findings;
};

/// One organism of a fight, as the referee sees it: its model and its data. The test data lie sealed in here, out of every corner's reach.
class Round {
 public:
  virtual ~Round() = default;
  virtual const LoadedModel& model() const = 0;
  virtual const Json& datasheet() const = 0;                           // what is known of the model and of a user's text
  virtual const LoadedModel& harvested() const { return model(); }     // whose activations the dictionary learns from
  virtual std::string note() const { return ""; }                      // of the draw, for the user
  virtual const Batch& pool() const = 0;                               // clean text for everyone
  virtual Json hashes() const = 0;                                     // name -> SHA-256 of all data
  virtual void close_test(const Registration& registration, const std::filesystem::path& file) = 0;
  virtual void open_test(const Registration& registration) = 0;
  virtual std::vector<const Batch*> opened() const { return {}; }      // the test's text, of fights that score texts by their rows

  virtual std::unique_ptr<Desk> desk(const Ground& ground, std::string contestant, Role role, Memo& model_memo, Memo& shared) const = 0;
  virtual Validation validate(const Made& made, const MeteredModel& model) const = 0;
  virtual Tested test(const Made& made, const MeteredModel& model) const = 0;  // error before it is open
  virtual std::string tag(const Made& made) const = 0;
  virtual std::map<std::string, double> inspect(const Made& made) const = 0;
  virtual void keep(const Made& made, const std::filesystem::path& folder, const std::string& name) const = 0;
};

/// The same with the discipline's types: what a fight implements.
template <class D>
class Setup : public Round {
 public:
  using Artifact = typename D::Artifact;
  virtual const typename D::Offer* offer() const { return nullptr; }          // for every contestant
  virtual const typename D::Privilege* privilege() const { return nullptr; }  // for references alone
  virtual Validation validate(const Artifact& artifact, const MeteredModel& model) const = 0;
  virtual Tested test(const Artifact& artifact, const MeteredModel& model) const = 0;
  /// A word for the artifact's kind, which stands beside its contestant's title; empty: there is only one.
  virtual std::string tag(const Artifact&) const { return ""; }
  /// What is costly to find and reported besides: asked once an organism, of the first dictionary seed. Not booked.
  virtual std::map<std::string, double> inspect(const Artifact&) const { return {}; }
  /// Leaves what was chosen in the fight's output folder, for use after the fight.
  virtual void keep(const Artifact&, const std::filesystem::path& /*folder*/, const std::string& /*name*/) const {}

  std::unique_ptr<Desk> desk(const Ground& ground, std::string contestant, Role role, Memo& model_memo, Memo& shared) const final {
    return std::make_unique<Corner<D>>(ground, std::move(contestant), role, model_memo, shared, offer(), privilege());
  }
  Validation validate(const Made& made, const MeteredModel& model) const final { return validate(of(made), model); }
  Tested test(const Made& made, const MeteredModel& model) const final { return test(of(made), model); }
  std::string tag(const Made& made) const final { return tag(of(made)); }
  std::map<std::string, double> inspect(const Made& made) const final { return inspect(of(made)); }
  void keep(const Made& made, const std::filesystem::path& folder, const std::string& name) const final { keep(of(made), folder, name); }

 private:
  static const Artifact& of(const Made& made) { return *static_cast<const Artifact*>(made.get()); }
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

/// A card's fight, as the referee sees it.
class AnyTask {
 public:
  virtual ~AnyTask() = default;
  virtual const FightInfo& info() const = 0;
  virtual const Card& card() const = 0;  // with all that the fight fills in, so that it is registered
  virtual std::vector<const Method*> roster() const = 0;
  virtual std::vector<Result::Family> families() const = 0;
  virtual std::unique_ptr<Round> round(size_t index) const = 0;  // of the card's models
  virtual Workload work() const = 0;                             // what is to be read, by what the card says
  virtual Cases cases(const std::vector<RoundOutcome>& outcomes) const = 0;
  /// How a baseline does on its parity check; empty for one that has none.
  virtual std::optional<Calibration> calibrate(const Method& method) const = 0;
  /// What the fight and its discipline tell besides, as sections in the order of the page; studies run now.
  virtual void tell(Result& result, const Contest& contest, const Venue& venue) const = 0;
};

/// The same with the discipline's types: data and splits, contestants and a metric.
template <class D>
class Task : public AnyTask {
 public:
  virtual const Roster<D>& contestants() const = 0;
  virtual std::optional<Calibration> parity(const Contestant<D>& contestant) const = 0;

  std::vector<const Method*> roster() const final { return methods_of(contestants()); }
  std::optional<Calibration> calibrate(const Method& method) const final { return parity(dynamic_cast<const Contestant<D>&>(method)); }
};

struct ContestantInfo {
  std::string name, title, about;
  Role role;
  Json space;
  int64_t settings;  // in the whole space
};
std::vector<ContestantInfo> describe(const std::vector<const Method*>& roster);

/// Runs a card's fight: referee, judge, sections.
Result run_fight(const AnyTask& task, const Venue& venue);

/// What that takes.
Plan plan_fight(const AnyTask& task);

}  // namespace fairfight
