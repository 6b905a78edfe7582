#include "fairfight/arena/contest.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fairfight/arena/bootstrap.h"
#include "fairfight/arena/judge.h"
#include "fairfight/arena/portfolio.h"
#include "fairfight/base/error.h"
#include "fairfight/base/statistics.h"
#include "fairfight/base/version.h"
#include "fairfight/report/statement.h"

namespace fairfight {
namespace {

const ItemScores& any_scores(const Contest& f) {
  for (const auto& outcome : f.outcomes)
    for (const auto& entry : outcome.entries)
      for (const auto& run : entry.runs)
        if (!run.scores.empty()) return run.scores.begin()->second;
  fail("[contest] nobody handed anything in: {}", f.card.budget_flops > 0 ? fmt::format("of no trial were the side effects within their limits and the costs within {:g} FLOPs; raise budget_flops or the limits", f.card.budget_flops)
                                                                          : "of no trial were the side effects within their limits, with a standard error to spare; raise the limits or trials");
}

/// A contestant with a basis at a share of the dictionary's compute: what the bootstrap knows by its index.
struct Side {
  size_t contestant;
  std::string basis;
  size_t share;
  auto operator<=>(const Side&) const = default;
};

/// Everything that is compared: each contestant, and what each side puts forward.
class Bench {
 public:
  explicit Bench(const Contest& f) : f_(f), scope_(scope_of(f)) {
    for (size_t c = 0; c < f.contestants.size(); ++c) {
      if (f.contestants[c].role != Role::challenger) {
        add({c, "", kPrimary});
        continue;
      }
      for (const auto& basis : f.bases)
        if (f.outcomes[0].has(c, basis.name)) add({c, basis.name, kPrimary});
    }
    for (size_t share = 0; share < kShares.size(); ++share) challengers_.push_back(add(side({Role::challenger}, share)));
    baselines_ = add(side({Role::baseline}, kPrimary));
    everyone_ = add({side({Role::challenger, Role::baseline}, kPrimary).front()}).front();
    for (const Role role : {Role::challenger, Role::baseline}) champions_.push_back(grid_of(champions(f.contestants, f.outcomes, role, own(), f.info.metric.reported.no_skill, kPrimary)));
    bootstrap_ = std::make_unique<ScoreBootstrap>(f.info.metric.form, grids_, size_t(f.card.resamples), uint64_t(f.card.seeds[0]), Limits{std::move(limits_), f.info.metric.reported.no_skill});
    const auto& names = bootstrap_->families();
    for (const auto& family : f.families) families_.push_back(size_t(std::find(names.begin(), names.end(), family.name) - names.begin()));
  }

  static Scope scope_of(const Contest& f) { return f.cases == Cases::planted && f.outcomes.size() >= kEnoughOrganisms ? Scope::sample : Scope::fixed; }
  const std::string& own() const { return f_.bases[0].name; }
  std::vector<Lineup> side(const std::set<Role>& roles, size_t share) const { return ranked(f_.contestants, f_.outcomes, roles, own(), share); }

  Estimate score(const Side& side, size_t family = ScoreBootstrap::kMean) const { return score(index(side), family); }
  Bounds difference(const Side& a, const Side& b, size_t family = ScoreBootstrap::kMean) const { return difference(index(a), index(b), family); }
  /// The mean and every family, in the fight's order.
  template <class... Sides>
  Result::Score reported(const Sides&... sides) const {
    const auto estimate = [&](size_t family) {
      if constexpr (sizeof...(sides) == 1)
        return score(sides..., family);
      else
        return difference(sides..., family).estimate();
    };
    Result::Score reported{estimate(ScoreBootstrap::kMean), {}};
    for (const size_t family : families_) reported.families.push_back(estimate(family));
    return reported;
  }
  /// The metric of every family in one run.
  std::vector<double> by_family(const Side& side, size_t organism, size_t dictionary_seed) const {
    std::vector<double> row;
    for (const size_t family : families_) row.push_back(bootstrap_->value(index(side), organism, dictionary_seed)[family]);
    return row;
  }

  // Of portfolios
  Bounds portfolios(size_t share) const { return difference(challengers_[share].front(), baselines_.front()); }
  Bounds against_portfolio(const Side& challenger) const { return difference(index(challenger), baselines_.front()); }
  Estimate of_challengers() const { return score(challengers_[kPrimary].front()); }
  Estimate of_baselines() const { return score(baselines_.front()); }
  Bounds marginal() const { return difference(everyone_, baselines_.front()); }
  Bounds champions_difference() const { return difference(champions_[0], champions_[1]); }
  /// The longer list cut to the length of the shorter one, in every way there is: its r-th best is the best of what is left in a known share of them.
  Bounds size_matched() const {
    const auto &ours = challengers_[kPrimary], &theirs = baselines_;
    const auto shares = best_of_some(std::max(ours.size(), theirs.size()), std::min(ours.size(), theirs.size()));
    std::vector<Sample> samples;
    for (size_t r = 0; r < shares.size(); ++r)
      samples.push_back(ours.size() > theirs.size() ? bootstrap_->difference(ours[r], theirs.front()) : bootstrap_->difference(ours.front(), theirs[r]));
    return bounds(weighted_sum(shares, samples), f_.card.level, scope_);
  }
  /// Organisms in which what a side puts forward is nearer to no skill than to perfection.
  Result::Verdict::Failures failures() const {
    const double half = (f_.info.metric.reported.no_skill + f_.info.metric.reported.perfect) / 2;
    const auto failed = [&](size_t grid) {
      const auto values = bootstrap_->score(grid).value;
      return std::count_if(values.begin(), values.end(), [&](double v) { return v < half; });
    };
    return {failed(challengers_[kPrimary].front()), failed(baselines_.front()), int64_t(f_.outcomes.size())};
  }

 private:
  void add(const Side& side) {
    sides_.push_back(side);
    grid_of(alone(f_.outcomes, side.contestant, side.basis, side.share));
  }
  std::vector<size_t> add(const std::vector<Lineup>& lineups) {
    std::vector<size_t> grids;
    for (const auto& lineup : lineups) grids.push_back(grid_of(lineup));
    return grids;
  }
  size_t grid_of(const Lineup& lineup) {
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
  ItemScores judged_scores(const Pick& pick) const {
    ItemScores scores = pick.run ? pick.run->scores.at(*pick.run->chosen[pick.share]) : f_.info.metric.without_skill(any_scores(f_));
    std::erase_if(scores, [&](const auto& group) {
      return group.first != kClean && std::none_of(f_.families.begin(), f_.families.end(), [&](const auto& f) { return f.name == group.first; });
    });
    return scores;
  }

  /// Who is outside the contest has no limits, and who hands nothing in breaks none.
  Limits::Of to_the_limits(const Pick& pick) const {
    if (!pick.run || f_.info.constraints.empty() || f_.contestants[pick.contestant].role == Role::reference) return {};
    const size_t trial = *pick.run->chosen[pick.share];
    return {slack(f_.info.constraints, pick.run->side_effects.at(trial)), &pick.run->trials[trial]};
  }

  Estimate score(size_t grid, size_t family = ScoreBootstrap::kMean) const { return f_.info.metric.inside(bounds(bootstrap_->score(grid, family), f_.card.level, scope_).estimate()); }
  Bounds difference(size_t a, size_t b, size_t family = ScoreBootstrap::kMean) const { return bounds(bootstrap_->difference(a, b, family), f_.card.level, scope_); }
  size_t index(const Side& side) const { return size_t(std::find(sides_.begin(), sides_.end(), side) - sides_.begin()); }

  const Contest& f_;
  Scope scope_;
  std::vector<Side> sides_;  // the first grids
  std::vector<ScoreGrid> grids_;
  std::vector<std::vector<std::vector<Limits::Of>>> limits_;  // of each grid
  std::vector<std::vector<size_t>> challengers_;  // [share][rank]
  std::vector<size_t> baselines_, champions_;     // [rank]; of either side
  size_t everyone_ = 0;
  std::unique_ptr<ScoreBootstrap> bootstrap_;
  std::vector<size_t> families_;  // of the fight, as the bootstrap numbers them
};

std::vector<Result::Run> told_runs(const Contest& f, const Bench& bench, const Side& side) {
  std::vector<Result::Run> list;
  for (size_t o = 0; o < f.outcomes.size(); ++o) {
    const auto& runs = f.outcomes[o].entry(side.contestant, side.basis).runs;
    for (size_t s = 0; s < runs.size(); ++s) {
      Result::Run reported;
      reported.seed = f.card.seeds[o];
      if (!side.basis.empty()) reported.dictionary_seed = f.card.dictionary_seeds[s];
      reported.validation = f.info.metric.reported.no_skill;
      reported.nothing = !runs[s].chosen[kPrimary];
      if (const auto chosen = runs[s].chosen[kPrimary]) {
        for (const auto& c : f.info.constraints) {
          const Effects& effects = runs[s].side_effects.at(*chosen);
          reported.limits.push_back({c.name, effects.values.at(c.name), effects.errors.at(c.name), c.holds(effects.values.at(c.name))});
        }
        reported.settings = runs[s].trials[*chosen].settings.json();
        reported.validation = runs[s].trials[*chosen].validation.score;
      }
      reported.families = bench.by_family(side, o, s);
      reported.mean = mean(reported.families);
      list.push_back(std::move(reported));
    }
  }
  return list;
}

Result::Spent spent(const Contest& f, size_t c) {
  Ledger sum;
  double dictionaries = 0;
  const bool challenger = f.contestants[c].role == Role::challenger;
  for (const auto& outcome : f.outcomes)
    for (const auto& run : outcome.entry(c, challenger ? f.bases[0].name : "").runs) {
      sum += run.ledger;
      if (challenger) dictionaries += outcome.dictionary_flops;
    }
  const Work& work = sum.work;
  const auto with = [&](double share) { return double(work.flops) + share * dictionaries; };
  return {work.tokens_forward, work.tokens_backward, work.queries, sum.labels, sum.trials, {with(kShares[0]), with(kShares[1]), with(kShares[2])}, sum.seconds};
}

constexpr int64_t kLeastAllowed = 3;  // trials of an organism

struct UnderTuned {
  std::string why;     // empty: it was not
  bool tried = false;  // what it tried says how good it could be, were its limits and its budget wider
};

/// Whether a contestant counts as under-tuned. A small space that was tried whole is enough.
UnderTuned under_tuned(const Contest& f, size_t c) {
  const auto& info = f.contestants[c];
  const bool challenger = info.role == Role::challenger;
  const auto due = size_t(std::min(f.card.trials, info.settings));
  for (const auto& outcome : f.outcomes)
    for (const Run& run : outcome.entry(c, challenger ? f.bases[0].name : "").runs) {
      const size_t paid = affordable(run.trials, f.card.budget_flops, challenger ? kShares[kPrimary] * outcome.dictionary_flops : 0);
      if (paid < due) return {fmt::format("its budget paid for {} of {} trials", paid, due), true};
    }
  const auto& calibration = f.calibrations[c];
  if (calibration && !calibration->holds())
    return {fmt::format("it reaches {:.4f} on its calibration task, where the reference implementation reaches {:.4f}", calibration->reached, calibration->reference)};
  if (info.role == Role::reference) return {};
  for (const auto* run : runs_of(f, c)) {
    const auto allowed = std::count_if(run->trials.begin(), run->trials.end(), [](const Trial& t) { return t.validation.allowed; });
    if (allowed < std::min(kLeastAllowed, int64_t(due))) return {fmt::format("in one model {} of {} trials kept to the limits on side effects", allowed, due), true};
  }
  return {};
}

/// The best validation score that so many trials can be expected to find; one that did too much besides found nothing.
Section tuning_section(const Contest& f) {
  Section::Curves curves;
  curves.x = "trials";
  curves.y = f.info.metric.reported.title;
  size_t most = 1;
  for (size_t c = 0; c < f.contestants.size(); ++c) {
    std::vector<double> expected;
    const auto runs = runs_of(f, c);
    for (const auto* run : runs) {
      std::vector<double> scores;
      for (const auto& trial : run->trials) scores.push_back(trial.validation.allowed ? trial.validation.score : f.info.metric.reported.no_skill);
      const auto found = expected_maximum(scores);
      expected.resize(found.size(), 0);
      for (size_t n = 0; n < found.size(); ++n) expected[n] += found[n] / double(runs.size());
    }
    Section::Curves::Line line{f.contestants[c].name, {}};
    for (const double value : expected) line.values.push_back({value, value, value});
    most = std::max(most, expected.size());
    curves.lines.push_back(std::move(line));
  }
  for (size_t n = 1; n <= most; ++n) curves.at.push_back(double(n));
  return {kTuning, "What tuning gave", "Tuning curves",
          fmt::format("The best validation {} that so many trials can be expected to find. {} trial{} registered for everyone, or as many as a smaller space has. A line that still climbs at the end would have gained from more.",
                      curves.y, f.card.trials, f.card.trials == 1 ? " was" : "s were"),
          std::move(curves)};
}

/// Every trial by what it gained and what it changed besides.
Section trials_section(const Contest& f) {
  const auto& metric = f.info.metric.reported;
  Section::Scatter scatter;
  scatter.axes.push_back({metric.name, metric.title});
  for (const auto& c : f.info.constraints) scatter.axes.push_back({c.name, c.title, c.about, c.unit, c.form, c.limit, c.at_most});
  for (size_t c = 0; c < f.contestants.size(); ++c) {
    const bool challenger = f.contestants[c].role == Role::challenger;
    Section::Scatter::Cloud cloud{f.contestants[c].name, {}};
    for (size_t o = 0; o < f.outcomes.size(); ++o) {
      const auto& runs = f.outcomes[o].entry(c, challenger ? f.bases[0].name : "").runs;
      for (size_t s = 0; s < runs.size(); ++s)
        for (size_t t = 0; t < runs[s].trials.size(); ++t) {
          const Trial& trial = runs[s].trials[t];
          const Validation& v = trial.validation;
          Section::Scatter::Point point{f.card.seeds[o], challenger ? f.card.dictionary_seeds[s] : -1, {v.score}, v.allowed, runs[s].chosen[kPrimary] == t, trial.settings.json(), v.note};
          for (const auto& constraint : f.info.constraints) point.values.push_back(v.side_effects.values.at(constraint.name));
          cloud.points.push_back(std::move(point));
        }
    }
    scatter.clouds.push_back(std::move(cloud));
  }
  return {kTrials, "Side effects", "What it costs elsewhere", "", std::move(scatter)};
}

/// The kind of what it made, if its discipline has kinds: one contestant makes one kind.
std::string tag_of(const Contest& f, size_t c) {
  for (const auto* run : runs_of(f, c))
    for (const auto& trial : run->trials)
      if (!trial.tag.empty()) return trial.tag;
  return "";
}

/// The judge's parts of a result, once its contestants are reported.
class Bar {
 public:
  Bar(const Contest& f, const Bench& bench, size_t champion, Result& result) : f_(f), bench_(bench), champion_(champion), result_(result) {}

  void decide() {
    auto& verdict = result_.verdict;
    verdict.margin = f_.card.margin * f_.info.metric.span();
    const size_t organisms = f_.outcomes.size();
    verdict.scope = Bench::scope_of(f_) == Scope::sample ? "on models like these" : organisms == 1 ? "on this model"
                                                                                                   : fmt::format("on these {} models", organisms);
    verdict.ruling = ruling(kPrimary);
    verdict.challengers = bench_.of_challengers();
    verdict.baselines = bench_.of_baselines();
    verdict.marginal = bench_.marginal().estimate();
    verdict.size_matched = bench_.size_matched().estimate();
    verdict.champions = bench_.champions_difference().estimate();
    verdict.failures = bench_.failures();
    for (size_t c = 0; c < f_.contestants.size(); ++c) {
      if (f_.contestants[c].role != Role::challenger) continue;
      verdict.all.push_back(rule(bench_.against_portfolio({c, bench_.own(), kPrimary}), verdict.margin, {result_.contestants[c].under_tuned.empty(), tuned(Role::baseline)}));
      verdict.all.back().challenger = f_.contestants[c].name;
      verdict.all.back().against = verdict.ruling.against;
    }
    auto& ledger = result_.ledger;
    ledger.budget_flops = f_.card.budget_flops;
    for (const auto& outcome : f_.outcomes) ledger.dictionary_flops += outcome.dictionary_flops / double(f_.outcomes.size());
    for (size_t share = 0; share < kShares.size(); ++share) {
      const auto [flops, paid] = cost_of_the_challengers(share);
      ledger.amortisation.push_back({kShares[share], ruling(share), flops + kShares[share] * ledger.dictionary_flops, !paid});
    }
  }

  void weigh_necessity(size_t best) {
    auto& necessity = result_.necessity;
    necessity.challenger = f_.contestants[best].name;
    size_t beaten = 0, unbeaten = 0;  // of those that are required
    std::vector<size_t> order{best};
    for (size_t c = 0; c < f_.contestants.size(); ++c)
      if (c != best && f_.contestants[c].role == Role::challenger) order.push_back(c);
    for (const size_t c : order)
      for (size_t b = 1; b < f_.bases.size(); ++b) {
        if (!f_.outcomes[0].has(c, f_.bases[b].name)) continue;  // only the champion fought with the controls
        const Side own{c, bench_.own(), kPrimary}, other{c, f_.bases[b].name, kPrimary};
        const Bounds difference = bench_.difference(own, other);
        Result::Control control{f_.contestants[c].name, f_.bases[b].name, f_.bases[b].title, f_.bases[b].required, 0, 0,
                                bench_.score(other), difference.estimate(), difference.low > 0};
        for (const auto& outcome : f_.outcomes) {
          control.fvu += outcome.bases.at(control.basis).first / double(f_.outcomes.size());
          control.l0 += outcome.bases.at(control.basis).second / double(f_.outcomes.size());
        }
        if (c == best && control.required) (control.beaten ? beaten : unbeaten) += 1;
        necessity.controls.push_back(std::move(control));
      }
    necessity.passed = beaten > 0 && unbeaten == 0;  // no control, no proof
  }

 private:
  Result::Ruling ruling(size_t share) const {
    Result::Ruling ruling = rule(bench_.portfolios(share), result_.verdict.margin, {tuned(Role::challenger), tuned(Role::baseline)});
    ruling.challenger = standing_for(bench_.side({Role::challenger}, share).front(), champion_);
    ruling.against = standing_for(bench_.side({Role::baseline}, kPrimary).front(), *champion_of(f_.contestants, f_.outcomes, Role::baseline, "", f_.info.metric.reported.no_skill));
    return ruling;
  }

  /// What all challengers together spent in an organism with a dictionary, in the mean, and whether the budget paid for any trial of theirs.
  std::pair<double, bool> cost_of_the_challengers(size_t share) const {
    double flops = 0;
    bool paid = false;
    for (size_t c = 0; c < f_.contestants.size(); ++c) {
      if (f_.contestants[c].role != Role::challenger) continue;
      for (const auto& outcome : f_.outcomes) {
        const auto& runs = outcome.entry(c, bench_.own()).runs;
        for (const Run& run : runs) {
          flops += double(run.ledger.work.flops) / double(runs.size() * f_.outcomes.size());
          paid |= affordable(run.trials, f_.card.budget_flops, kShares[share] * outcome.dictionary_flops) > 0;
        }
      }
    }
    return {flops, paid};
  }

  std::string standing_for(const Lineup& portfolio, size_t otherwise) const {
    const size_t most = commonest(portfolio);
    return f_.contestants[most == Pick::kNobody ? otherwise : most].name;
  }

  /// Nobody of a side was under-tuned who could have changed its portfolio: whose best trial, allowed or not, would have been put forward anywhere.
  bool tuned(Role role) const {
    const Lineup portfolio = bench_.side({role}, kPrimary).front();
    for (size_t c = 0; c < f_.contestants.size(); ++c) {
      if (f_.contestants[c].role != role || result_.contestants[c].under_tuned.empty()) continue;
      if (!under_tuned(f_, c).tried) return false;
      for (size_t o = 0; o < f_.outcomes.size(); ++o) {
        const auto& runs = f_.outcomes[o].entry(c, role == Role::challenger ? bench_.own() : "").runs;
        for (size_t s = 0; s < portfolio[o].size(); ++s) {
          const Pick& pick = portfolio[o][s];
          if (!pick.run) continue;  // the side failed there, with all the trials it had: that counts
          const double chosen = pick.run->trials[*pick.run->chosen[kPrimary]].validation.score;
          const auto& trials = runs[runs.size() == 1 ? 0 : s].trials;
          if (std::any_of(trials.begin(), trials.end(), [&](const Trial& t) { return t.validation.score > chosen; })) return false;
        }
      }
    }
    return true;
  }

  const Contest& f_;
  const Bench& bench_;
  size_t champion_;  // the challenger that is best on validation
  Result& result_;
};

}  // namespace

std::vector<const Run*> runs_of(const Contest& f, size_t c) {
  std::vector<const Run*> runs;
  const std::string basis = f.contestants[c].role == Role::challenger ? f.bases[0].name : "";
  for (const auto& outcome : f.outcomes)
    for (const auto& run : outcome.entry(c, basis).runs) runs.push_back(&run);
  return runs;
}

Estimate over_organisms(const std::vector<double>& values, double level) {
  const double center = mean(values);
  if (values.size() < 2) return {center, center, center};
  const double half = t_quantile(level, values.size() - 1) * std::sqrt(variance(values) / double(values.size()));
  return {center, center - half, center + half};
}

void put_section(Result& result, Section section, std::string_view before) {
  const auto place = std::find_if(result.sections.begin(), result.sections.end(), [&](const Section& s) { return s.id == before; });
  result.sections.insert(place, std::move(section));
}

Result judge_contest(const Contest& f, const Tick& tick) {
  const Card& card = f.card;
  const ItemScores& items = any_scores(f);
  const auto clean = items.find(std::string(kClean));
  Result result;
  result.fairfight = kVersion;
  result.fight = {std::string(f.info.name), std::string(f.info.title), std::string(f.info.question), std::string(f.info.prediction), std::string(f.info.discipline), {}, f.info.metric.reported, f.families, clean == items.end() ? 0 : int64_t(clean->second.size()), int64_t(items.at(f.families[0].name).size()), card.trials};
  for (const Site& site : card.sites) result.fight.sites.push_back(site.name());
  result.seeds = card.seeds;
  result.dictionary_seeds = card.dictionary_seeds;
  result.interval = {2 * card.level - 1, card.level,
                     f.outcomes.size() == 1               ? "a bootstrap of dictionary seeds and items within this one model: they speak of no other"
                     : Bench::scope_of(f) == Scope::fixed ? "a bootstrap of dictionary seeds and items within these models: they speak of no others"
                                                          : "Student's t over the organisms, and a bootstrap of dictionary seeds and items within them: the wider one",
                     card.resamples};
  result.dictionary = {card.dictionary.kind, card.dictionary.width, to_json(card.dictionary), card.dictionary.tokens, {}};
  for (const auto& outcome : f.outcomes) {
    result.models.push_back(outcome.model);
    for (const auto& quality : outcome.dictionaries) result.dictionary.trained.push_back(quality);
  }

  tick(0, "resampling");
  const Bench bench(f);
  for (size_t c = 0; c < f.contestants.size(); ++c) {
    tick(0.2 + 0.6 * double(c) / double(f.contestants.size()), f.contestants[c].title);
    const auto& info = f.contestants[c];
    const bool challenger = info.role == Role::challenger;
    const Side side{c, challenger ? bench.own() : std::string(), kPrimary};
    result.contestants.push_back({info.name, info.title, info.about, info.role, bench.reported(side), told_runs(f, bench, side), f.calibrations[c], under_tuned(f, c).why, spent(f, c), tag_of(f, c)});
  }
  tick(0.8, "verdict");
  for (size_t a = 0; a < f.contestants.size(); ++a)
    for (size_t b = 0; b < f.contestants.size(); ++b)
      if (f.contestants[a].role == Role::challenger && f.contestants[b].role == Role::baseline)
        result.differences.push_back({f.contestants[a].name, f.contestants[b].name, bench.reported(Side{a, bench.own(), kPrimary}, Side{b, "", kPrimary})});

  if (!f.info.constraints.empty()) result.sections.push_back(trials_section(f));
  result.sections.push_back(tuning_section(f));

  const size_t best = *champion_of(f.contestants, f.outcomes, Role::challenger, f.bases[0].name, f.info.metric.reported.no_skill);
  Bar bar(f, bench, best, result);
  bar.decide();
  bar.weigh_necessity(best);
  result.registration = f.registration;
  result.verdict.sentence = verdict_sentence(result);
  result.necessity.sentence = necessity_sentence(result);
  result.tier = tier_of(result, f.cases);
  return result;
}

}  // namespace fairfight
