#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fairfight/arena/fight.h"
#include "fairfight/arena/plan.h"
#include "fairfight/arena/tier.h"
#include "fairfight/base/profile.h"
#include "fairfight/base/progress.h"

namespace fairfight {

struct Contest;
struct RoundOutcome;
class Ranks;

/// Where a fight runs: its output folder, whether to take up what lies there, and who hears of the progress.
struct Venue {
  std::filesystem::path folder;
  bool resume = false;
  Progress::Sink progress;
  Profile* profile = nullptr;
  bool keep_all = false;  // everyone's artifacts, not only the two champions'
  std::shared_ptr<Memo> memo = std::make_shared<Memo>();  // of what a fight and the studies beside it would all draw and measure
  std::shared_ptr<Memo> rows = nullptr;                   // ... and the rows that they harvest, document by document; large
  Ranks* ranks = nullptr;                                 // the processes that share the fight; null: this one alone
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
  virtual void tell(Result& result, const Contest& contest, const Venue& venue, const Tick& studies) const = 0;
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
  SearchSpace space{};
  int64_t settings() const { return int64_t(space.size()); }  // in the whole space
};
std::vector<ContestantInfo> describe(const std::vector<const Method*>& roster, const std::vector<Site>& sites = {});

/// Runs a card's fight: referee, judge, sections.
Result run_fight(const AnyTask& task, const Venue& venue);

/// Whether it ran in that folder to its end: the result there is of the very registration that it would write now. Draws its data.
bool fought(const AnyTask& task, const Venue& venue);

/// What that takes.
Plan plan_fight(const AnyTask& task);

}  // namespace fairfight
