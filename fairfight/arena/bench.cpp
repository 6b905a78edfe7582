#include "fairfight/arena/bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>

#include "fairfight/base/error.h"

namespace fairfight {

const ItemScores& any_scores(const Contest& f) {
  for (const auto& outcome : f.outcomes)
    for (const auto& entry : outcome.entries)
      for (const auto& run : entry.runs)
        if (!run.scores.empty()) return run.scores.begin()->second;
  fail("[contest] nobody handed anything in: {}", f.card.budget_flops > 0 ? fmt::format("of no trial were the side effects within their limits and the costs within {:g} FLOPs; raise budget_flops or the limits", f.card.budget_flops)
                                                                          : "of no trial were the side effects within their limits, with a standard error to spare; raise the limits or trials");
}

Scope Bench::scope_of(const Contest& f) {
  std::set<std::string> organisms;  // one that is named several times is one
  for (const auto& outcome : f.outcomes) organisms.insert(outcome.model.sha256);
  return f.cases == Cases::planted && organisms.size() >= kEnoughOrganisms ? Scope::sample : Scope::fixed;
}

Bench::Bench(const Contest& f) : f_(f), scope_(scope_of(f)) {
  for (size_t c = 0; c < f.contestants.size(); ++c) {
    if (!uses_dictionary(f.contestants[c].role)) {
      add({c, ""});
      continue;
    }
    for (const auto& basis : f.bases)
      if (f.outcomes[0].has(c, basis.name)) add({c, basis.name});
  }
  for (size_t share = 0; share < kShares.size(); ++share) challengers_.push_back(add(side({Role::challenger}, share)));
  baselines_ = add(side({Role::baseline}, kPrimary));
  everyone_ = grid_of(side({Role::challenger, Role::baseline, Role::fusion}, kPrimary).front());
  for (const auto& threat : f.info.threats)
    attacked_.push_back({grid_of(side({Role::challenger}, kPrimary, threat.name).front()), grid_of(side({Role::baseline}, kPrimary, threat.name).front())});
  for (const Role role : {Role::challenger, Role::baseline}) champions_.push_back(grid_of(champions(f.contestants, f.outcomes, role, own(), f.info.metric.reported.no_skill, kPrimary)));
  bootstrap_ = std::make_unique<ScoreBootstrap>(f.info.metric.form, grids_, size_t(f.card.resamples), uint64_t(f.card.seeds[0]), Limits{std::move(limits_), f.info.metric.reported.no_skill});
  const auto& names = bootstrap_->families();
  for (const auto& family : f.families) families_.push_back(size_t(std::find(names.begin(), names.end(), family.name) - names.begin()));
}

Result::Score Bench::reported(const Side& side) const {
  Result::Score reported{score(side), {}};
  for (const size_t family : families_) reported.families.push_back(score(index(side), family));
  return reported;
}

Result::Score Bench::reported(const Side& a, const Side& b) const {
  Result::Score reported{difference(a, b).estimate(), {}};
  for (const size_t family : families_) reported.families.push_back(difference(index(a), index(b), family).estimate());
  return reported;
}

std::vector<double> Bench::by_family(const Side& side, size_t organism, size_t dictionary_seed) const {
  std::vector<double> row;
  for (const size_t family : families_) row.push_back(bootstrap_->value(index(side), organism, dictionary_seed)[family]);
  return row;
}

Bounds Bench::size_matched() const {
  const auto &ours = challengers_[kPrimary], &theirs = baselines_;
  const auto shares = best_of_some(std::max(ours.size(), theirs.size()), std::min(ours.size(), theirs.size()));
  std::vector<Sample> samples;
  for (size_t r = 0; r < shares.size(); ++r)
    samples.push_back(ours.size() > theirs.size() ? bootstrap_->difference(ours[r], theirs.front()) : bootstrap_->difference(ours.front(), theirs[r]));
  return bounds(weighted_sum(shares, samples), f_.card.level, scope_);
}

Result::Verdict::Failures Bench::failures() const {
  const double half = (f_.info.metric.reported.no_skill + f_.info.metric.reported.perfect) / 2;
  const auto failed = [&](size_t grid) {
    const auto values = bootstrap_->score(grid).value;
    return std::count_if(values.begin(), values.end(), [&](double v) { return v < half; });
  };
  return {failed(challengers_[kPrimary].front()), failed(baselines_.front()), int64_t(f_.outcomes.size())};
}

std::optional<size_t> Bench::would_settle(double margin) const {
  return fairfight::would_settle(bootstrap_->difference(challengers_[kPrimary].front(), baselines_.front()), margin, f_.card.level);
}

void Bench::add(const Side& side) {
  sides_.push_back(side);
  grid_of(alone(f_.outcomes, side.contestant, side.basis, side.share));
}

std::vector<size_t> Bench::add(const std::vector<Lineup>& lineups) {
  std::vector<size_t> grids;
  for (const auto& lineup : lineups) grids.push_back(grid_of(lineup));
  return grids;
}

size_t Bench::grid_of(const Lineup& lineup) {
  ScoreGrid& grid = grids_.emplace_back();
  auto& limits = limits_.emplace_back();
  for (const auto& organism : lineup) {
    auto& seeds = grid.emplace_back();
    auto& of_seeds = limits.emplace_back();
    for (const Pick& pick : organism) {
      seeds.push_back(judged_scores(pick));
      of_seeds.push_back(to_the_limits(pick));
    }
  }
  return grids_.size() - 1;
}

/// The clean items and the families; a run that the budget did not pay for, or that may not count, has no skill.
ItemScores Bench::judged_scores(const Pick& pick) const {
  ItemScores scores = pick.run ? pick.scores() : f_.info.metric.without_skill(any_scores(f_));
  std::erase_if(scores, [&](const auto& group) {
    return !is_clean(group.first) && std::none_of(f_.families.begin(), f_.families.end(), [&](const auto& f) { return f.name == group.first; });
  });
  return scores;
}

/// Who is outside the contest has no limits, and who hands nothing in breaks none.
Limits::Of Bench::to_the_limits(const Pick& pick) const {
  if (!pick.run || f_.info.constraints.empty() || f_.contestants[pick.contestant].role == Role::reference) return {};
  const size_t trial = *pick.run->chosen[pick.share];
  return {slack(f_.info.constraints, pick.run->side_effects.at(trial)), &pick.run->trials[trial]};
}

Estimate Bench::score(size_t grid, size_t family) const { return f_.info.metric.inside(bounds(bootstrap_->score(grid, family), f_.card.level, scope_).estimate()); }

Bounds Bench::difference(size_t a, size_t b, size_t family) const { return bounds(bootstrap_->difference(a, b, family), f_.card.level, scope_); }

size_t Bench::index(const Side& side) const { return size_t(std::find(sides_.begin(), sides_.end(), side) - sides_.begin()); }

}  // namespace fairfight
