#pragma once
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "fairfight/arena/contest.h"
#include "fairfight/arena/judge.h"
#include "fairfight/arena/portfolio.h"

namespace fairfight {

/// A contestant with a basis at a share of the dictionary's compute: what the bootstrap knows by its index.
struct Side {
  size_t contestant;
  std::string basis;
  size_t share = kPrimary;
  auto operator<=>(const Side&) const = default;
};

/// Any run's scores, for the shape of the test. Error where nobody handed anything in.
const ItemScores& any_scores(const Contest& contest);

/// Everything that is compared: each contestant, and what each side puts forward. The contest outlives it.
class Bench {
 public:
  explicit Bench(const Contest& contest);

  static Scope scope_of(const Contest& contest);
  const std::string& own() const { return f_.bases[0].name; }  // the fight's dictionary
  std::vector<Lineup> side(const std::set<Role>& roles, size_t share, const std::string& threat = "") const {
    return ranked(f_.contestants, f_.outcomes, roles, own(), f_.info.metric.reported.no_skill, share, threat);
  }

  /// The mean and every family, in the fight's order.
  Result::Score reported(const Side& side) const;
  Result::Score reported(const Side& a, const Side& b) const;  // a - b
  Estimate score(const Side& side) const { return score(index(side)); }
  Bounds difference(const Side& a, const Side& b) const { return difference(index(a), index(b)); }
  /// The metric of every family in one run.
  std::vector<double> by_family(const Side& side, size_t organism, size_t dictionary_seed) const;

  /// A difference of two grids, by the judge's rule.
  Result::Ruling ruling(const Sample& difference, const MightGain& might) const { return rule(difference, f_.card.level, scope_, f_.card.margin * f_.info.metric.span(), might); }

  // Of portfolios
  Sample portfolios(size_t share) const { return bootstrap_->difference(challengers_[share].front(), baselines_.front()); }
  Sample against_portfolio(const Side& challenger) const { return bootstrap_->difference(index(challenger), baselines_.front()); }
  Estimate of_challengers(size_t share) const { return score(challengers_[share].front()); }
  Estimate of_baselines() const { return score(baselines_.front()); }
  Bounds marginal() const { return difference(everyone_, baselines_.front()); }
  Bounds champions_difference() const { return difference(champions_[0], champions_[1]); }
  /// The longer list cut to the length of the shorter one, in every way there is: its r-th best is the best of what is left in a known share of them.
  Bounds size_matched() const;
  /// Organisms in which what a side puts forward is nearer to no skill than to perfection.
  Result::Verdict::Failures failures() const;
  std::optional<size_t> would_settle(double margin) const;

  // Under a threat, by its place in the fight's list
  Sample attacked(size_t threat) const { return bootstrap_->difference(attacked_[threat].challengers, attacked_[threat].baselines); }
  Estimate of_attacked_challengers(size_t threat) const { return score(attacked_[threat].challengers); }
  Estimate of_attacked_baselines(size_t threat) const { return score(attacked_[threat].baselines); }

 private:
  void add(const Side& side);
  std::vector<size_t> add(const std::vector<Lineup>& lineups);
  size_t grid_of(const Lineup& lineup);
  ItemScores judged_scores(const Pick& pick) const;
  Limits::Of to_the_limits(const Pick& pick) const;
  Estimate score(size_t grid, size_t family = ScoreBootstrap::kMean) const;
  Bounds difference(size_t a, size_t b, size_t family = ScoreBootstrap::kMean) const;
  size_t index(const Side& side) const;

  const Contest& f_;
  Scope scope_;
  std::vector<Side> sides_;  // the first grids
  std::vector<ScoreGrid> grids_;
  std::vector<std::vector<std::vector<Limits::Of>>> limits_;  // of each grid
  std::vector<std::vector<size_t>> challengers_;              // [share][rank]
  std::vector<size_t> baselines_, champions_;                 // [rank]; of either side
  size_t everyone_ = 0;
  struct Attacked {
    size_t challengers, baselines;
  };
  std::vector<Attacked> attacked_;  // [threat]
  std::unique_ptr<ScoreBootstrap> bootstrap_;
  std::vector<size_t> families_;  // of the fight, as the bootstrap numbers them
};

}  // namespace fairfight
