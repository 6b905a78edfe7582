#include "fairfight/arena/calibrate.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <map>
#include <optional>

#include "fairfight/arena/bootstrap.h"
#include "fairfight/arena/portfolio.h"
#include "fairfight/base/error.h"
#include "fairfight/base/random.h"
#include "fairfight/base/statistics.h"
#include "fairfight/base/stop.h"

namespace fairfight {
namespace {

constexpr double kBest = 0.9, kWorst = 0.6;  // a side's qualities
constexpr double kCommon = 0.5;              // of an item's variance: common to all
constexpr size_t kTruth = 4000;              // organisms, or dictionary seeds, over which a truth is a mean
constexpr double kRoom = 2, kPlenty = 100;   // standard errors between a side effect and its limit
constexpr size_t kMostSecond = 64;           // models of a second fight
constexpr const char* kBasis = "dictionary";
constexpr const char* kFamily = "items";

double student(Random& random, int degrees) {
  double squares = 0;
  for (int i = 0; i < degrees; ++i) {
    const double z = random.normal();
    squares += z * z;
  }
  return random.normal() / std::sqrt(squares / degrees);
}

/// What is true of one organism, but for dictionary seeds.
struct Town {
  std::vector<double> score, shown;  // [contestant]: what it is, and what validation takes it for
  std::vector<double> room;          // [contestant]: to the limit of its side effect, in standard errors
  double noise = 0;                  // of an item
};

/// What one run is truly worth: its score, as often as its side effect is measured within the limit.
struct Worth {
  double score = 0, kept = 1;
  double value() const { return kept * score; }
};
using Worths = std::vector<std::vector<Worth>>;  // [contestant][dictionary seed]

class Simulation {
 public:
  Simulation(const CalibrationPlan& plan, const SimulatedWorld& world, const SimulatedFight& fight) : plan_(plan), world_(world), fight_(fight) {
    for (size_t c = 0; c < fight.challengers + fight.baselines; ++c) {
      const bool challenger = c < fight.challengers;
      const size_t place = challenger ? c : c - fight.challengers, count = challenger ? fight.challengers : fight.baselines;
      quality_.push_back(count == 1 ? kBest : kBest - (kBest - kWorst) * double(place) / double(count - 1));
      contestants_.push_back({fmt::format("{}", c), "", "", challenger ? Role::challenger : Role::baseline});
    }
  }

  Town town(Random& random) const {
    Town town;
    const auto drawn = [&] { return world_.interaction * (world_.heavy_tails ? student(random, 3) : random.normal()); };
    const double common = drawn();
    for (size_t c = 0; c < quality_.size(); ++c) {
      const double well = quality_[c] + (world_.copies && c >= fight_.challengers ? common : drawn());
      const bool fails = random.uniform() < world_.failures;
      town.score.push_back(fails ? 0 : well);
      town.shown.push_back(fails && world_.visible ? 0 : well);
      town.room.push_back(world_.side_effects > 0 ? kRoom + world_.side_effects * random.normal() : kPlenty);
    }
    town.noise = world_.items * (world_.unequal_items ? std::exp2(2 * random.uniform()) : 1);
    return town;
  }

  /// The organism's trials, with so many dictionary seeds, of which the limit forbids some.
  RoundOutcome trials(const Town& town, size_t seeds, Random& random, Worths& worths) const {
    RoundOutcome outcome;
    for (size_t c = 0; c < quality_.size(); ++c) {
      const bool challenger = c < fight_.challengers;
      Entry entry{c, challenger ? kBasis : "", {}};
      worths.emplace_back();
      for (size_t s = 0; s < (challenger ? seeds : 1); ++s) {
        const double luck = challenger ? world_.seed * random.normal() : 0;
        Run run;
        run.trials = {{Settings(Json::object()), {town.shown[c] + luck + world_.validation * random.normal()}, 1}};
        if (world_.side_effects == 0 || town.room[c] + random.normal() >= kToSpare) run.chosen.fill(0);
        worths.back().push_back({town.score[c] + luck, boost::math::cdf(boost::math::normal(), town.room[c])});
        entry.runs.push_back(std::move(run));
      }
      outcome.entries.push_back(std::move(entry));
    }
    return outcome;
  }

  /// Of one organism with what was tried there: the challengers' portfolio minus the baselines', in truth.
  double difference(const std::vector<RoundOutcome>& one, const Worths& worths) const {
    const auto worth = [&](Role role) {
      const auto picks = portfolio(one, role)[0];
      double sum = 0;
      for (size_t s = 0; s < picks.size(); ++s) sum += of(picks[s], worths, s).value();
      return sum / double(picks.size());
    };
    return worth(Role::challenger) - worth(Role::baseline);
  }

  static Worth of(const Pick& pick, const Worths& worths, size_t seed) {
    if (!pick.run) return {0, 0};
    const auto& own = worths[pick.contestant];
    return own[own.size() == 1 ? 0 : seed];
  }

  Lineup portfolio(const std::vector<RoundOutcome>& outcomes, Role role) const { return ranked(contestants_, outcomes, {role}, kBasis, 0, kPrimary).front(); }

  /// Over organisms and their dictionary seeds.
  double truth_of_kind() const {
    double sum = 0;
    Random random(plan_.seed, fmt::format("calibrate/truth/{}/{}", world_.name, fight_.about()));
    for (size_t i = 0; i < kTruth; ++i) {
      const Town place = town(random);
      Worths worths;
      sum += difference({trials(place, plan_.dictionary_seeds, random, worths)}, worths) / double(kTruth);
    }
    return sum;
  }

  /// Said in one fight, where the portfolios truly differ by `effect`; and by it, how many models would settle it.
  struct Held {
    Result::Ruling ruling;
    size_t would_settle = 0;
  };
  Held hold(double kind_truth, double effect, const std::string& name) const {
    Random random(plan_.seed, name);
    std::vector<RoundOutcome> outcomes;
    std::vector<Town> towns;
    double truth = kind_truth;
    if (fight_.scope() == Scope::fixed) truth = 0;
    std::vector<Worths> worths;
    for (size_t o = 0; o < fight_.organisms; ++o) {
      towns.push_back(town(random));
      worths.emplace_back();
      outcomes.push_back(trials(towns.back(), plan_.dictionary_seeds, random, worths.back()));
      if (fight_.scope() == Scope::fixed) truth += truth_here(towns.back(), outcomes.back(), random) / double(fight_.organisms);
    }
    Limits limits;
    const auto grid = [&](Role role) {
      const Lineup picks = portfolio(outcomes, role);
      // Who breaks the limit has no part in the effect, so the others have more of it.
      double kept = 0, runs = 0;
      for (size_t o = 0; o < picks.size(); ++o)
        for (size_t s = 0; s < picks[o].size(); ++s, ++runs) kept += of(picks[o][s], worths[o], s).kept;
      const double shift = role == Role::challenger && kept > 0 ? (effect - truth) * runs / kept : 0;
      ScoreGrid grid(fight_.organisms);
      auto& of_side = limits.of.emplace_back(fight_.organisms);
      for (size_t o = 0; o < fight_.organisms; ++o) {
        Random items(plan_.seed, fmt::format("{}/items/{}", name, o));  // the same for both sides
        std::vector<double> common(plan_.items);
        for (double& x : common) x = std::sqrt(kCommon) * towns[o].noise * items.normal();
        Random own(plan_.seed, fmt::format("{}/own/{}/{}", name, o, int(role)));
        for (size_t s = 0; s < picks[o].size(); ++s) {
          const Pick& pick = picks[o][s];
          std::vector<double> list(common);
          for (double& x : list) x = pick.run ? x + of(pick, worths[o], s).score + std::sqrt(1 - kCommon) * towns[o].noise * own.normal() + shift : 0;
          grid[o].push_back({{kFamily, std::move(list)}});
          of_side[o].push_back(world_.side_effects > 0 && pick.run ? Limits::Of{{towns[o].room[pick.contestant] + own.normal()}, &pick.run->trials[0]} : Limits::Of{});
        }
      }
      return grid;
    };
    const std::vector<ScoreGrid> grids{grid(Role::challenger), grid(Role::baseline)};
    const ScoreBootstrap bootstrap(Metric::Form::mean, grids, plan_.resamples, Random(plan_.seed, name + "/bootstrap").next(), limits);
    const Sample difference = bootstrap.difference(0, 1);
    return {rule(difference, plan_.level, fight_.scope(), plan_.margin, {}), would_settle(difference, plan_.margin, plan_.level).value_or(0)};
  }

 private:
  /// Over dictionary seeds, in this organism with what its baselines showed on validation.
  double truth_here(const Town& town, const RoundOutcome& outcome, Random& random) const {
    constexpr size_t kSeeds = 200;
    Worths worths;
    RoundOutcome more = trials(town, kSeeds, random, worths);
    for (size_t c = fight_.challengers; c < quality_.size(); ++c) more.entries[c] = outcome.entries[c];
    return difference({more}, worths);
  }

  const CalibrationPlan& plan_;
  const SimulatedWorld& world_;
  const SimulatedFight& fight_;
  std::vector<double> quality_;
  std::vector<ContestantInfo> contestants_;
};

/// Where fights of equals were inconclusive: others of their kind, on as many models as they asked for.
std::optional<JudgeCalibration::Line> second_fights(const CalibrationPlan& plan, const SimulatedWorld& world, const SimulatedFight& first, const std::vector<Simulation::Held>& held) {
  constexpr size_t kMostFights = 50;
  std::map<size_t, size_t> asked;  // models -> fights
  size_t fights = 0;
  for (const auto& [ruling, models] : held)
    if (ruling.label == Result::Label::inconclusive && models > 0 && models <= kMostSecond && fights < kMostFights) {
      ++asked[models];
      ++fights;
    }
  if (fights == 0) return std::nullopt;
  const SimulatedFight like{first.challengers, first.baselines, kEnoughOrganisms};
  const double truth = Simulation(plan, world, like).truth_of_kind();
  size_t settled = 0;
  for (const auto& ask : asked) {
    const size_t models = ask.first, count = ask.second;
    const SimulatedFight second{first.challengers, first.baselines, models};
    const Simulation simulation(plan, world, second);
    std::vector<char> said(count);
#pragma omp parallel for schedule(dynamic)
    for (size_t i = 0; i < count; ++i)
      said[i] = simulation.hold(truth, 0, fmt::format("calibrate/second/{}/{}/{}/{}", world.name, first.about(), models, i)).ruling.label != Result::Label::inconclusive;
    settled += size_t(std::count(said.begin(), said.end(), 1));
  }
  const double rate = double(settled) / double(fights);
  return JudgeCalibration::Line{world.name, first.about(), fmt::format("settled on as many as were asked for ({} fights)", fights), rate, std::sqrt(rate * (1 - rate) / double(fights))};
}

}  // namespace

std::string SimulatedFight::about() const {
  return fmt::format("{} against {}, on {}", challengers, baselines, scope() == Scope::sample ? fmt::format("models like these {}", organisms) : fmt::format("these {} models", organisms));
}

std::vector<SimulatedWorld> CalibrationPlan::default_worlds() {
  std::vector<SimulatedWorld> list(9);
  list[0].name = "normal effects";
  list[1].name = "organisms do not differ";
  list[1].interaction = 0;
  list[2].name = "failures in 30 % of organisms, seen on validation";
  list[2].failures = 0.3;
  list[3].name = "heavy tails";
  list[3].heavy_tails = true;
  list[4].name = "baselines are copies";
  list[4].copies = true;
  list[5].name = "unequal item noise";
  list[5].unequal_items = true;
  list[6].name = "unruly dictionary seeds";
  list[6].seed = 0.1;
  list[7].name = "side effects near their limit";
  list[7].side_effects = 1;
  list[8].name = "failures that validation does not see (the limit)";
  list[8].failures = 0.1;
  list[8].visible = false;
  return list;
}

bool JudgeCalibration::passed() const {
  return std::all_of(lines.begin(), lines.end(), [](const Line& line) { return line.passed(); });
}

JudgeCalibration calibrate_judge(const CalibrationPlan& plan, const Tick& tick) {
  if (plan.fights < 100) fail("[calibrate] got {} fights, expected at least 100 to measure a rate of some per cent", plan.fights);
  if (plan.dictionary_seeds == 0 || plan.items < 2) fail("[calibrate] got {} dictionary seeds and {} items, expected some of each", plan.dictionary_seeds, plan.items);
  JudgeCalibration calibration;
  using Label = Result::Label;
  using Demand = JudgeCalibration::Demand;
  const double wrong = 1 - plan.level, binomial = std::sqrt(wrong * (1 - wrong) / double(plan.fights));
  double done = 0;
  for (const auto& world : plan.worlds)
    for (const auto& fight : plan.kinds) {
      check_stop();
      tick(done++ / double(plan.worlds.size() * plan.kinds.size()), world.name);
      const Simulation simulation(plan, world, fight);
      const double truth = fight.scope() == Scope::sample ? simulation.truth_of_kind() : 0;
      const auto held = [&](double effect) {
        std::vector<Simulation::Held> said(plan.fights);
#pragma omp parallel for schedule(dynamic)
        for (size_t i = 0; i < plan.fights; ++i) said[i] = simulation.hold(truth, effect, fmt::format("calibrate/{}/{}/{}/{}", world.name, fight.about(), effect, i));
        return said;
      };
      const auto add = [&](const std::string& quantity, const std::vector<Simulation::Held>& said, auto holds, bool demanded) {
        const double rate = double(std::count_if(said.begin(), said.end(), [&](const auto& held) { return holds(held.ruling); })) / double(said.size());
        calibration.lines.push_back({world.name, fight.about(), quantity, rate, std::sqrt(rate * (1 - rate) / double(plan.fights)), wrong, demanded && world.visible ? Demand::at_most : Demand::none, 2 * binomial});
      };
      const auto is = [](Label label) { return [label](const Result::Ruling& r) { return r.label == label; }; };
      const auto competitive = [](const Result::Ruling& r) { return r.competitive; };
      const auto equal = held(0), behind = held(-plan.margin), far_behind = held(-2 * plan.margin), ahead = held(plan.margin);
      add("equal: BEATS", equal, is(Label::beats), true);
      add("equal: LOSES", equal, is(Label::loses), true);
      add("behind by the margin: COMPETITIVE", behind, competitive, true);
      add("behind by the margin: LOSES", behind, is(Label::loses), true);
      add("power: COMPETITIVE where equal", equal, competitive, false);
      add("power: BEATS where ahead by the margin", ahead, is(Label::beats), false);
      add("power: LOSES where behind by twice the margin", far_behind, is(Label::loses), false);
      if (const auto line = second_fights(plan, world, fight, equal)) calibration.lines.push_back(*line);
    }
  tick(1, "");
  return calibration;
}

}  // namespace fairfight
