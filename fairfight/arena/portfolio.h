#pragma once
#include <set>
#include <string>
#include <vector>

#include "fairfight/arena/outcome.h"

namespace fairfight {

/// A run that somebody puts forward, or nobody's where a side has nothing that is allowed and paid for.
struct Pick {
  static constexpr size_t kNobody = SIZE_MAX;
  size_t contestant = kNobody;
  const Run* run = nullptr;
  size_t share = kPrimary;  // of the dictionary's compute, at which it was chosen
  std::string threat{};     // under which it was; empty: as it is

  double validation() const { return threat.empty() ? run->trials[*run->chosen[share]].validation.score : run->attacked.at(threat).validation; }
  const ItemScores& scores() const { return threat.empty() ? run->scores.at(*run->chosen[share]) : run->attacked.at(threat).scores; }
};

/// What is put forward: [organism][dictionary seed]; one seed where nobody uses a dictionary.
using Lineup = std::vector<std::vector<Pick>>;

/// All that a side has tried, best on validation first: the r-th lineup holds the r-th best run of each organism and dictionary seed. Of equals the cheaper one comes first, at
/// this share of the dictionary's compute, then the one that stands first in the roster; whoever has nothing comes last. The first lineup is the side's portfolio: what a
/// practitioner would keep who tries what there is. Under a threat it is what validation says of each one's choice when that has been attacked: a contestant chooses without it,
/// for an attack on every trial would cost more than the fight. Whatever validates below no skill is not put forward: nothing is better.
std::vector<Lineup> ranked(const std::vector<ContestantInfo>& contestants, const std::vector<RoundOutcome>& outcomes, const std::set<Role>& side, const std::string& basis,
                           double no_skill, size_t share, const std::string& threat = "");

/// One contestant everywhere.
Lineup alone(const std::vector<RoundOutcome>& outcomes, size_t contestant, const std::string& basis, size_t share);

/// In each organism the contestant of the role that is best on validation over all the others: what was chosen where it is not tested. Of one organism, over that one.
Lineup champions(const std::vector<ContestantInfo>& contestants, const std::vector<RoundOutcome>& outcomes, Role role, const std::string& basis, double no_skill, size_t share);

/// How often each rank of `all` is the best of `some` of them that are drawn at random: C(all - 1 - r, some - 1) / C(all, some).
std::vector<double> best_of_some(size_t all, size_t some);

/// Whom a lineup has most often, the first of equals; kNobody only where it has nobody at all.
size_t commonest(const Lineup& lineup);

}  // namespace fairfight
