#include "fairfight/arena/contest.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fairfight/arena/bench.h"
#include "fairfight/arena/effort.h"
#include "fairfight/base/error.h"
#include "fairfight/base/statistics.h"
#include "fairfight/base/version.h"
#include "fairfight/report/statement.h"

namespace fairfight {
namespace {

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
  const bool with_dictionary = uses_dictionary(f.contestants[c].role);
  for (const auto& outcome : f.outcomes)
    for (const auto& run : outcome.entry(c, with_dictionary ? f.bases[0].name : "").runs) {
      sum += run.ledger;
      if (with_dictionary) dictionaries += outcome.dictionary_flops;
    }
  const Work& work = sum.work;
  const auto with = [&](double share) { return double(work.flops) + share * dictionaries; };
  return {work.tokens_forward, work.tokens_backward, work.queries, sum.labels, sum.trials, {with(kShares[0]), with(kShares[1]), with(kShares[2])}, sum.seconds};
}

/// Every trial by what it gained and what it changed besides.
Section trials_section(const Contest& f) {
  const auto& metric = f.info.metric.reported;
  Section::Scatter scatter;
  scatter.axes.push_back({metric.name, metric.title});
  for (const auto& c : f.info.constraints) scatter.axes.push_back({c.name, c.title, c.about, c.unit, c.form, c.limit, c.at_most});
  for (size_t c = 0; c < f.contestants.size(); ++c) {
    const bool with_dictionary = uses_dictionary(f.contestants[c].role);
    Section::Scatter::Cloud cloud{f.contestants[c].name, {}};
    for (size_t o = 0; o < f.outcomes.size(); ++o) {
      const auto& runs = f.outcomes[o].entry(c, with_dictionary ? f.bases[0].name : "").runs;
      for (size_t s = 0; s < runs.size(); ++s)
        for (size_t t = 0; t < runs[s].trials.size(); ++t) {
          const Trial& trial = runs[s].trials[t];
          const Validation& v = trial.validation;
          Section::Scatter::Point point{f.card.seeds[o], with_dictionary ? f.card.dictionary_seeds[s] : -1, {v.score}, v.allowed, runs[s].chosen[kPrimary] == t, trial.settings.json(), v.note};
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
    if (!verdict.ruling.competitive && verdict.ruling.interval.high >= -verdict.margin) verdict.would_settle = int64_t(bench_.would_settle(verdict.margin).value_or(0));
    verdict.challengers = bench_.of_challengers(kPrimary);
    verdict.baselines = bench_.of_baselines();
    verdict.marginal = bench_.marginal().estimate();
    verdict.size_matched = bench_.size_matched().estimate();
    verdict.champions = bench_.champions_difference().estimate();
    verdict.failures = bench_.failures();
    for (size_t c = 0; c < f_.contestants.size(); ++c) {
      if (f_.contestants[c].role != Role::challenger) continue;
      verdict.all.push_back(bench_.ruling(bench_.against_portfolio({c, bench_.own()}), {might_gain(f_, alone(f_.outcomes, c, bench_.own(), kPrimary), {c}), might_gain(f_, Role::baseline)}));
      if (result_.have_nothing(bench_.score(Side{c, bench_.own()}), verdict.baselines)) verdict.all.back().label = Result::Label::inconclusive;
      verdict.all.back().challenger = f_.contestants[c].name;
      verdict.all.back().against = verdict.ruling.against;
    }
    for (size_t t = 0; t < f_.info.threats.size(); ++t) {
      const Threat& threat = f_.info.threats[t];
      const Estimate challengers = bench_.of_attacked_challengers(t), baselines = bench_.of_attacked_baselines(t);
      verdict.rulings.push_back({threat.name, threat.title, threat.about, ruling(bench_.attacked(t), challengers, baselines, kPrimary, threat.name), challengers, baselines});
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
        const Side own{c, bench_.own()}, other{c, f_.bases[b].name};
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
  Result::Ruling ruling(size_t share) const { return ruling(bench_.portfolios(share), bench_.of_challengers(share), bench_.of_baselines(), share, ""); }
  Result::Ruling ruling(const Sample& difference, const Estimate& challengers, const Estimate& baselines, size_t share, const std::string& threat) const {
    Result::Ruling ruling = bench_.ruling(difference, {might_gain(f_, Role::challenger, share, threat), might_gain(f_, Role::baseline, kPrimary, threat)});
    if (result_.have_nothing(challengers, baselines)) ruling.label = Result::Label::inconclusive;  // they compete in failing
    ruling.challenger = standing_for(bench_.side({Role::challenger}, share, threat).front(), champion_);
    ruling.against = standing_for(bench_.side({Role::baseline}, kPrimary, threat).front(), *champion_of(f_.contestants, f_.outcomes, Role::baseline, "", f_.info.metric.reported.no_skill));
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

  const Contest& f_;
  const Bench& bench_;
  size_t champion_;  // the challenger that is best on validation
  Result& result_;
};

}  // namespace

std::vector<const Run*> runs_of(const Contest& f, size_t c) {
  std::vector<const Run*> runs;
  const std::string basis = uses_dictionary(f.contestants[c].role) ? f.bases[0].name : "";
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
    const Side side{c, uses_dictionary(info.role) ? bench.own() : std::string()};
    const UnderTuned tuning = under_tuned(f, c);
    result.contestants.push_back({info.name, info.title, info.about, info.role, bench.reported(side), told_runs(f, bench, side), f.calibrations[c], tuning.why, tuning.unpaid, spent(f, c), tag_of(f, c)});
  }
  tick(0.8, "verdict");
  for (size_t a = 0; a < f.contestants.size(); ++a)
    for (size_t b = 0; b < f.contestants.size(); ++b)
      if (f.contestants[a].role == Role::challenger && f.contestants[b].role == Role::baseline)
        result.differences.push_back({f.contestants[a].name, f.contestants[b].name, bench.reported({a, bench.own()}, {b, ""})});

  if (!f.info.constraints.empty()) result.sections.push_back(trials_section(f));
  if (auto compute = compute_section(f)) result.sections.push_back(std::move(*compute));
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
