#include "fairfight/arena/effort.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "fairfight/arena/portfolio.h"
#include "fairfight/base/statistics.h"
#include "fairfight/report/text.h"

namespace fairfight {
namespace {

constexpr int64_t kLeastAllowed = 3;  // trials of an organism
constexpr int64_t kEnoughTrials = 20;  // with which a side that has nothing allowed has failed
constexpr size_t kAmounts = 24;       // of compute

bool has_dictionary(const Contest& f, size_t c) { return uses_dictionary(f.contestants[c].role); }
std::string basis_of(const Contest& f, size_t c) { return has_dictionary(f, c) ? f.bases[0].name : ""; }

/// On validation; one that did too much besides found nothing.
std::vector<double> validated(const Contest& f, const Run& run) {
  std::vector<double> scores;
  for (const auto& trial : run.trials) scores.push_back(trial.validation.allowed ? trial.validation.score : f.info.metric.reported.no_skill);
  return scores;
}

/// Means over the runs of what n trials can be expected to find.
std::vector<double> expected_of(const Contest& f, size_t c) {
  std::vector<double> expected;
  const auto runs = runs_of(f, c);
  for (const auto* run : runs) {
    const auto found = expected_maximum(validated(f, *run));
    expected.resize(found.size(), 0);
    for (size_t n = 0; n < found.size(); ++n) expected[n] += found[n] / double(runs.size());
  }
  return expected;
}

/// P(at least k of n), each with this chance.
double at_least(size_t k, size_t n, double chance) { return k == 0 ? 1 : boost::math::cdf(boost::math::complement(boost::math::binomial(double(n), chance), double(k - 1))); }

/// Open ends where its choice stands in most models; a choice among few values stands at one often enough by chance.
std::vector<std::string> ends_in_most_models(const Contest& f, size_t c) {
  constexpr double kByChance = 0.1;
  struct Seen {
    double models = 0, chance = 0;
  };
  std::map<std::pair<std::string, bool>, Seen> often;
  for (const auto& outcome : f.outcomes) {
    const auto& runs = outcome.entry(c, basis_of(f, c)).runs;
    for (const Run& run : runs)
      if (const auto chosen = run.chosen[kPrimary])
        for (const auto& [name, high, chance] : f.contestants[c].space.at_ends(run.trials[*chosen].settings.json())) {
          Seen& seen = often[{name, high}];
          seen.models += 1 / double(runs.size());
          seen.chance = chance;
        }
  }
  std::vector<std::string> names;
  for (const auto& [end, seen] : often)
    if (2 * seen.models > double(f.outcomes.size()) && at_least(size_t(seen.models + 1e-9), f.outcomes.size(), seen.chance) <= kByChance) names.push_back(end.first);
  return names;
}

size_t due_of(const Contest& f, size_t c) { return size_t(std::min(f.card.trials, f.contestants[c].settings())); }

int64_t allowed_of(const Run& run) {
  return std::count_if(run.trials.begin(), run.trials.end(), [](const Trial& t) { return t.validation.allowed; });
}

bool is_short(const Contest& f, size_t c, const Run& run) { return allowed_of(run) < std::min(kLeastAllowed, int64_t(due_of(f, c))); }

/// What a contestant might have validated at, in a run; under a threat a forbidden trial's worth is not known, and is at most what it was without.
double might_have(const UnderTuned& tuning, const Contest& f, size_t c, const Run& run, const std::string& threat) {
  const auto& metric = f.info.metric.reported;
  const auto left = run.attacked.find(threat);
  if (left != run.attacked.end() && left->second.gone) return metric.no_skill;
  if (tuning.unknown) return metric.perfect;
  double best = metric.no_skill, forbidden = metric.no_skill;
  for (const Trial& t : run.trials) (t.validation.allowed ? best : forbidden) = std::max(t.validation.allowed ? best : forbidden, t.validation.score);
  if (left != run.attacked.end()) best = std::max(left->second.validation, metric.no_skill);
  return std::min(std::max(best + tuning.gain, is_short(f, c, run) ? forbidden : best), metric.perfect);
}

/// What a side has at each amount: the mean over models and dictionary seeds of the best allowed trial among those that the amount pays for, whoever made it.
std::vector<double> bought(const Contest& f, Role role, double share, const std::vector<double>& amounts) {
  std::vector<double> scores(amounts.size(), 0);
  for (const auto& outcome : f.outcomes) {
    size_t seeds = 1;
    for (size_t c = 0; c < f.contestants.size(); ++c)
      if (f.contestants[c].role == role) seeds = std::max(seeds, outcome.entry(c, basis_of(f, c)).runs.size());
    for (size_t a = 0; a < amounts.size(); ++a)
      for (size_t s = 0; s < seeds; ++s) {
        double best = f.info.metric.reported.no_skill;
        for (size_t c = 0; c < f.contestants.size(); ++c) {
          if (f.contestants[c].role != role) continue;
          const auto& runs = outcome.entry(c, basis_of(f, c)).runs;
          const auto& trials = runs[runs.size() == 1 ? 0 : s].trials;
          if (const auto found = best_trial(trials, amounts[a], has_dictionary(f, c) ? share * outcome.dictionary_flops : 0)) best = std::max(best, trials[*found].validation.score);
        }
        scores[a] += best / double(f.outcomes.size() * seeds);
      }
  }
  return scores;
}

/// The least amount that buys a score.
std::optional<double> price(const std::vector<double>& amounts, const std::vector<double>& scores, double score) {
  for (size_t a = 0; a < amounts.size(); ++a)
    if (scores[a] >= score) return amounts[a];
  return std::nullopt;
}

/// All costs at which anything changes, exactly.
std::vector<double> all_costs(const Contest& f) {
  std::set<double> costs;
  for (size_t c = 0; c < f.contestants.size(); ++c)
    for (const auto* run : runs_of(f, c))
      for (const Trial& t : run->trials)
        if (t.flops > 0) costs.insert(double(t.flops));
  return {costs.begin(), costs.end()};
}

/// From which use of a dictionary on its side is the cheaper one, at what both sides reach.
std::string break_even(const Contest& f) {
  const auto costs = all_costs(f);
  const auto with = bought(f, Role::challenger, 0, costs), without = bought(f, Role::baseline, 0, costs);
  const double score = std::min(with.back(), without.back());
  double dictionary = 0;
  for (const auto& outcome : f.outcomes) dictionary += outcome.dictionary_flops / double(f.outcomes.size());
  const double own = *price(costs, with, score), theirs = *price(costs, without, score);
  const std::string at = fmt::format("{} {}, which both sides reach, costs {} FLOPs without the dictionary and {} with it, beside the {} of its training", fixed(score, 3), f.info.metric.reported.title, si(theirs), si(own), si(dictionary));
  if (own >= theirs) return at + ": the dictionary's side is never the cheaper one.";
  return fmt::format("{}: the dictionary's side is cheaper from its use number {} on.", at, thousands(std::llround(std::floor(dictionary / (theirs - own)) + 1)));
}

}  // namespace

UnderTuned under_tuned(const Contest& f, size_t c) {
  const auto& info = f.contestants[c];
  const size_t due = due_of(f, c);
  UnderTuned found;
  const auto say = [&](std::string why) {
    if (found.why.empty()) found.why = std::move(why);
  };
  for (const auto& outcome : f.outcomes)
    for (const Run& run : outcome.entry(c, basis_of(f, c)).runs) {
      const size_t paid = affordable(run.trials, f.card.budget_flops, has_dictionary(f, c) ? kShares[kPrimary] * outcome.dictionary_flops : 0);
      if (paid >= due) continue;
      say(fmt::format("its budget paid for {} of {} trials", paid, due));
      found.unpaid = true;
    }
  const auto& calibration = f.calibrations[c];
  if (calibration && !calibration->holds()) {
    say(fmt::format("it reaches {:.4f} on its calibration task, where the reference implementation reaches {:.4f}", calibration->reached, calibration->reference));
    found.unknown = true;
  }
  if (info.role == Role::reference) return found;
  for (const auto& outcome : f.outcomes) {
    const auto& runs = outcome.entry(c, basis_of(f, c)).runs;
    const auto shortest = std::min_element(runs.begin(), runs.end(), [](const Run& a, const Run& b) { return allowed_of(a) < allowed_of(b); });
    if (2 * std::count_if(runs.begin(), runs.end(), [&](const Run& run) { return is_short(f, c, run); }) < std::ssize(runs)) continue;
    say(fmt::format("in one model {} of {} trials kept to the limits on side effects", allowed_of(*shortest), due));
    found.cut = true;
  }
  const double margin = f.card.margin * f.info.metric.span();
  const auto expected = expected_of(f, c);
  if (const double rise = expected.back() - expected[(expected.size() - 1) / 2]; due < size_t(info.settings()) && rise > margin) {
    say(fmt::format("the last half of its trials still brought {}", fixed(rise, 3)));
    found.gain = rise;
  }
  if (const auto ends = ends_in_most_models(f, c); !ends.empty()) {
    say(fmt::format("its choice of {} stands at the end of what was tried", fmt::join(ends, " and ")));
    found.gain = std::max(found.gain, margin);
  }
  return found;
}

std::vector<double> might_gain(const Contest& f, Role role, size_t share, const std::string& threat) {
  std::vector<size_t> members;
  for (size_t c = 0; c < f.contestants.size(); ++c)
    if (f.contestants[c].role == role) members.push_back(c);
  auto put_forward = ranked(f.contestants, f.outcomes, {role}, f.bases[0].name, f.info.metric.reported.no_skill, share, threat).front();
  for (auto& organism : put_forward)
    for (Pick& pick : organism) pick.threat = threat;  // a side that has nobody is attacked, too
  return might_gain(f, put_forward, members);
}

std::vector<double> might_gain(const Contest& f, const Lineup& put_forward, const std::vector<size_t>& contestants) {
  std::map<size_t, UnderTuned> tunings;
  for (const size_t c : contestants)
    if (auto tuning = under_tuned(f, c); !tuning.why.empty()) tunings.emplace(c, std::move(tuning));
  std::vector<double> gains(put_forward.size(), 0);
  for (size_t o = 0; o < put_forward.size(); ++o)
    for (size_t s = 0; s < put_forward[o].size(); ++s) {
      const Pick& pick = put_forward[o][s];
      const double chosen = pick.run ? pick.validation() : f.info.metric.reported.no_skill;
      double most = chosen;
      for (const auto& [c, tuning] : tunings) {
        if (!pick.run && pick.threat.empty() && !tuning.unpaid && !tuning.unknown && f.card.trials >= kEnoughTrials) continue;  // the side failed there, with many trials: that counts
        const auto& runs = f.outcomes[o].entry(c, basis_of(f, c)).runs;
        most = std::max(most, might_have(tuning, f, c, runs[runs.size() == 1 ? 0 : s], pick.threat));
      }
      gains[o] += (most - chosen) / double(put_forward[o].size());
    }
  return gains;
}

Section tuning_section(const Contest& f) {
  Section::Curves curves;
  curves.x = "trials";
  curves.y = f.info.metric.reported.title;
  size_t most = 1;
  for (size_t c = 0; c < f.contestants.size(); ++c) {
    const auto expected = expected_of(f, c);
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

std::optional<Section> compute_section(const Contest& f) {
  const auto costs = all_costs(f);
  if (costs.empty()) return std::nullopt;
  double dictionary = 0;
  for (const auto& outcome : f.outcomes) dictionary = std::max(dictionary, outcome.dictionary_flops);
  Section::Curves curves;
  curves.x = "FLOPs of a run";
  curves.y = f.info.metric.reported.title;
  curves.form = Section::Form::amount;
  curves.logarithmic = true;
  const double least = costs.front(), most = costs.back() + dictionary;
  for (size_t i = 0; i < kAmounts; ++i) curves.at.push_back(least * std::pow(most / least, double(i) / double(kAmounts - 1)));
  curves.at.back() = most;
  const auto add = [&](Role role, double share, const std::string& title) {
    Section::Curves::Line line{"", {}, title, role == Role::challenger};
    for (const double value : bought(f, role, share, curves.at)) line.values.push_back({value, value, value});
    curves.lines.push_back(std::move(line));
  };
  for (const double share : kShares) add(Role::challenger, share, fmt::format("with the dictionary, at {}", percent(share, 0)));
  add(Role::baseline, 0, "without it");
  return Section{"compute", "What compute gave", "Compute curves",
                 fmt::format("The best validation {} that so many FLOPs of one run buy a side, with the dictionary’s training charged at 0, 10 and 100 %. {}", curves.y, break_even(f)), std::move(curves)};
}

}  // namespace fairfight
