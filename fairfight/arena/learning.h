#pragma once
#include <functional>
#include <vector>

#include "fairfight/arena/basis.h"
#include "fairfight/arena/desk.h"
#include "fairfight/arena/job.h"
#include "fairfight/arena/outcome.h"
#include "fairfight/arena/ranks.h"

namespace fairfight {

/// What one organism's dictionaries are learned from, and what they become: at each of the card's sites.
struct Learning {
  Learning(const Round& r, RoundOutcome& o) : round(r), outcome(o) {}
  const Round& round;
  RoundOutcome& outcome;                                   // its model is known
  std::vector<Pool> pools;                                 // by site
  std::vector<std::vector<std::vector<Learned>>> learned;  // by basis, dictionary seed, site

  /// What a desk sees with a basis, or with none (null).
  std::vector<View> views(const Card& card, const std::vector<Learned>* with) const;
  /// Of a basis: harvest and training at each site, as a desk charges for its pools.
  double flops(const std::vector<Learned>& with) const;
};

/// How many dictionaries of a basis a site gets: where its seed makes no difference, one; and where the champion alone meets the controls, one of each
/// control has to do, for they are learned for nobody else.
size_t seeds_of(const Card& card, const Basis& basis);

/// The stages of a fight that come before the contestants. Each may be shared by ranks.
class Lessons {
 public:
  Lessons(const Card& card, const std::vector<Basis>& bases, const Venue& venue, std::vector<Learning*> organisms);  // which outlive it

  int64_t harvest(const Tick& tick) const;  // -> rows
  void learn(const Tick& tick) const;
  /// What the dictionaries do to their models. `job` is that of a name.
  void measure(const std::function<Job(const std::string& name, Turn turn)>& job, const Tick& tick) const;

 private:
  void describe(Learning& organism, const std::function<Job(const std::string& name, Turn turn)>& job, const Tick& tick) const;

  const Card& card_;
  const std::vector<Basis>& bases_;
  const Venue& venue_;
  std::vector<Learning*> organisms_;
};

}  // namespace fairfight
