#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "fairfight/arena/judge.h"
#include "fairfight/base/progress.h"

namespace fairfight {

/// Simulated fights that go through the judge's own code, from trials to label: what it claims against what is true.
///
/// A contestant has a quality of its own, from 0.9 down to 0.6 in equal steps along its side. In an organism its score is that, and what the organism does to it; with a
/// dictionary, what the seed does; and where it fails, 0. Validation shows the score with noise; the test's items are the score with noise that is half common to all.
struct SimulatedWorld {
  std::string name;
  double interaction = 0.03, seed = 0.02;  // standard deviations: of a contestant with the organism, of a dictionary seed
  double validation = 0.02, items = 0.1;   // noise of a validation score, of one item
  double failures = 0;                     // share of the organisms in which a contestant fails, each by itself
  bool visible = true;                     // on validation; else it looks as if it had not
  bool heavy_tails = false;                // interactions are Student's with 3 degrees of freedom, of the same scale
  bool copies = false;                     // all baselines are one: the organism does the same to each
  bool unequal_items = false;              // an organism's items are noisier than another's, up to four times
  double side_effects = 0;                 // how far from its limit a contestant's side effect is, in standard errors of what is measured: the deviation over organisms, around 2; 0: there are none
};

struct JudgeCalibration {
  enum class Demand { at_most,
                      none };
  struct Line {
    std::string world, fight, quantity;  // "6 against 15, on these 3 models"
    double measured = 0, error = 0;      // a rate and its binomial standard error
    double expected = 0;                 // what it may be at most
    Demand demand = Demand::none;
    double slack = 0;  // what the demand allows beyond `expected`
    bool passed() const { return demand == Demand::none || measured <= expected + slack; }
  };
  std::vector<Line> lines;
  bool passed() const;
};

struct SimulatedFight {
  size_t challengers = 6, baselines = 15, organisms = 3;
  Scope scope() const { return organisms >= kEnoughOrganisms ? Scope::sample : Scope::fixed; }
  std::string about() const;
};

struct CalibrationPlan {
  size_t fights = 500;  // for every rate
  uint64_t seed = 0;
  double level = 0.95, margin = 0.05;
  size_t dictionary_seeds = 3, items = 100, resamples = 200;
  std::vector<SimulatedFight> kinds = {{6, 15, 3}, {6, 15, 8}, {10, 10, 8}};
  std::vector<SimulatedWorld> worlds = default_worlds();
  static std::vector<SimulatedWorld> default_worlds();
};

/// In every world and kind of fight, rates of
///   BEATS and LOSES where the two portfolios are equal, COMPETITIVE where the challengers' is behind by the margin: at most 1 - level, and two binomial errors;
///   labels of a second fight on as many models as an inconclusive first one of equals said that would settle it: told, beside the four chances in five that it spoke of;
///   of all three labels where they are equal, where the challengers' is ahead by the margin, and where it is behind by twice the margin: power, told and not demanded.
/// "Equal": on fixed models the expected difference on these very models, over dictionary seeds; of a sample, over organisms, too. The world in which validation does not see
/// failures is the judge's limit: nothing is demanded there. The same plan gives the same numbers on any number of threads.
JudgeCalibration calibrate_judge(const CalibrationPlan& plan, const Tick& tick = no_tick);

}  // namespace fairfight
