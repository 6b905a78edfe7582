#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <set>

#include "fairfight/base/error.h"
#include "fairfight/report/result.h"
#include "fairfight/report/text.h"

namespace fairfight {
namespace {

using Role = Result::Role;
using Label = Result::Label;

/// Names are keys and stand in messages; titles are free.
void require_name(const std::string& name) {
  constexpr const char* kLetters = "abcdefghijklmnopqrstuvwxyz0123456789_";
  if (name.empty() || name.size() > 64 || name.find_first_not_of(kLetters) != std::string::npos)
    fail("[result] the name \"{}\": expected 1 to 64 of a-z, 0-9 and _", plain(name));
}

template <class List, class Name>
void require_distinct(const List& items, Name name, std::string_view what) {
  for (auto item = items.begin(); item != items.end(); ++item)
    if (std::any_of(items.begin(), item, [&](const auto& other) { return name(other) == name(*item); }))
      fail("[result] {} {} stands twice", what, plain(fmt::format("{}", name(*item))));
}

void require_count(size_t got, size_t expected, std::string_view noun, const std::string& what) {
  if (got != expected) fail("[result] {}: got {} {}, expected {}", what, got, noun, expected);
}

/// One entry a seed, or one a seed and dictionary seed: the first seed's come first.
template <class List>
void require_seeds(const List& items, const std::vector<int64_t>& seeds, const std::vector<int64_t>& dictionary_seeds,
                   const std::string& what) {
  require_count(items.size(), seeds.size() * dictionary_seeds.size(), "entries", what);
  for (size_t i = 0; i < items.size(); ++i) {
    const int64_t seed = seeds[i / dictionary_seeds.size()], dictionary_seed = dictionary_seeds[i % dictionary_seeds.size()];
    if (items[i].seed != seed || items[i].dictionary_seed != dictionary_seed)
      fail("[result] {}[{}]: got seed {} with dictionary seed {}, expected {} with {}", what, i, items[i].seed,
           items[i].dictionary_seed, seed, dictionary_seed);
  }
}

void require_contestants(const Result& result) {
  const auto& families = result.fight.families;
  static const std::vector<int64_t> kNoDictionary = {-1};
  for (const auto& contestant : result.contestants) {
    const std::string runs = contestant.name + ".by_seed";
    require_count(contestant.score.families.size(), families.size(), "families", contestant.name);
    if (!contestant.form.empty() && contestant.form != "hooked" && contestant.form != "baked")
      fail("[result] {}: got the form \"{}\", expected hooked or baked", contestant.name, plain(contestant.form));
    require_count(contestant.secondary.size(), result.fight.secondary.size(), "secondary metrics", contestant.name);
    require_seeds(contestant.runs, result.seeds, contestant.challenger() ? result.dictionary_seeds : kNoDictionary, runs);
    for (const auto& run : contestant.runs) require_count(run.families.size(), families.size(), "families", runs);
  }
}

void require_pairs(const Result& result) {
  const auto of_role = [&](Role role) {
    return std::count_if(result.contestants.begin(), result.contestants.end(),
                         [&](const auto& contestant) { return contestant.role == role; });
  };
  if (of_role(Role::challenger) == 0 || of_role(Role::baseline) == 0)
    fail("[result] contestants: expected at least one challenger and one baseline");
  for (const auto& difference : result.differences) {
    if (!result.contestant(difference.challenger).challenger() ||
        result.contestant(difference.baseline).role != Role::baseline)
      fail("[result] differences: {} - {} is not a challenger minus a baseline", difference.challenger, difference.baseline);
    require_count(difference.score.families.size(), result.fight.families.size(), "families", "differences");
  }
  require_distinct(
      result.differences, [](const auto& pair) { return pair.challenger + " - " + pair.baseline; }, "the difference");
  const auto expected = of_role(Role::challenger) * of_role(Role::baseline);
  if (std::ssize(result.differences) != expected)
    fail("[result] differences: got {}, expected {}, every challenger with every baseline", result.differences.size(),
         expected);
}

/// A label says no more than the two readings. INCONCLUSIVE goes with any: somebody may have been starved.
void require_ruling(const Result& result, const Result::Ruling& ruling, const std::string& what) {
  if (!result.contestant(ruling.challenger).challenger())
    fail("[result] {}: {} is not a challenger", what, ruling.challenger);
  if (result.contestant(ruling.against).role != Role::baseline)
    fail("[result] {}: {} is not a baseline", what, ruling.against);
  if (ruling.beats && !ruling.competitive) fail("[result] {}: it beats and is not competitive", what);
  const bool fits = ruling.label == Label::beats         ? ruling.beats
                    : ruling.label == Label::competitive ? ruling.competitive && !ruling.beats
                    : ruling.label == Label::loses       ? !ruling.competitive
                                                         : true;
  if (!fits)
    fail("[result] {}: the label {} does not fit beats = {}, competitive = {}", what, name_of(ruling.label), ruling.beats,
         ruling.competitive);
  const Estimate lead = result.ahead(ruling.interval);
  if (ruling.beats && lead.low <= 0) fail("[result] {}: it beats, with a lead that may be {}", what, lead.low);
  if (ruling.competitive && lead.low < -result.verdict.margin)
    fail("[result] {}: it is competitive, with a lead that may be {} and a margin of {}", what, lead.low,
         result.verdict.margin);
}

void require_verdict(const Result& result) {
  const auto& [ruling, margin, all, sentence] = result.verdict;
  require_ruling(result, ruling, "verdict");
  for (const auto& each : all) require_ruling(result, each, "verdict.all");
  require_distinct(
      all, [](const auto& each) { return each.challenger; }, "the ruling on");
  const auto challengers = std::count_if(result.contestants.begin(), result.contestants.end(),
                                         [](const auto& contestant) { return contestant.challenger(); });
  require_count(all.size(), size_t(challengers), "rulings, one a challenger", "verdict.all");
  if (std::find(all.begin(), all.end(), ruling) == all.end())
    fail("[result] verdict: all has another ruling on {}", ruling.challenger);
}

void require_ledger(const Result& result) {
  const auto& amortisation = result.ledger.amortisation;
  if (!std::equal(amortisation.begin(), amortisation.end(), std::begin(Result::kShares), std::end(Result::kShares),
                  [](const auto& amortised, double share) { return amortised.share == share; }))
    fail("[result] ledger.amortisation: expected the shares 0, 0.1 and 1, in this order");
  for (const auto& amortised : amortisation)
    require_ruling(result, amortised.ruling, fmt::format("ledger.amortisation at {}", amortised.share));
  if (result.primary().ruling != result.verdict.ruling)
    fail("[result] ledger.amortisation at {}: another ruling than the verdict", Result::kPrimaryShare);
}

void require_necessity(const Result& result) {
  const auto& [challenger, passed, controls, sentence] = result.necessity;
  if (challenger != result.verdict.ruling.challenger)
    fail("[result] necessity: got the challenger {}, expected the verdict's, {}", plain(challenger),
         result.verdict.ruling.challenger);
  bool required = false, all_beaten = true;
  for (const auto& control : controls) {
    if (!result.contestant(control.challenger).challenger())
      fail("[result] necessity: {} is not a challenger", control.challenger);
    const double low = result.ahead(control.difference).low;
    if (control.beaten != (low > 0))
      fail("[result] necessity: {} with the basis {}: beaten = {}, with a lead that may be {}", control.challenger,
           plain(control.basis), control.beaten, low);
    if (!control.required || control.challenger != challenger) continue;
    required = true;
    all_beaten = all_beaten && control.beaten;
  }
  require_distinct(
      controls, [](const auto& control) { return control.challenger + " with the basis " + control.basis; }, "the control");
  if (passed != (required && all_beaten))
    fail("[result] necessity: got passed = {}, expected what the required bases say, {}", passed, required && all_beaten);
}

void require_tier(const Result::Tier& tier) {
  if (tier.value > tier.most) fail("[result] tier: got {}, of at most {}", tier.value, tier.most);
  for (const auto& evidence : tier.evidence)
    if (!evidence.holds && evidence.tier <= tier.value)
      fail("[result] tier: got {}, but tier {} needs \"{}\"", tier.value, evidence.tier, plain(evidence.text));
}

void require_tuning(const Result& result) {
  const auto& [trials, curves] = result.tuning;
  for (const auto& curve : curves) {
    result.contestant(curve.contestant);  // fails where there is none
    if (curve.expected.empty() || std::ssize(curve.expected) > trials)
      fail("[result] tuning: {} has a curve of {} trials, expected 1 to {}", curve.contestant, curve.expected.size(),
           trials);
  }
  require_distinct(
      curves, [](const auto& curve) { return curve.contestant; }, "the curve of");
}

/// Each item is about a contestant, no two about the same one.
template <class List>
void require_about_contestants(const Result& result, const List& items, const std::string& what) {
  for (const auto& item : items) result.contestant(item.contestant);  // fails where there is none
  require_distinct(
      items, [](const auto& item) { return item.contestant; }, what + " of");
}

void require_trials(const Result& result, const Result::SideEffects& effects, const Result::Trials& of) {
  using Run = std::pair<int64_t, int64_t>;
  const auto& contestant = result.contestant(of.contestant);
  std::set<Run> runs, with_choice, with_allowed;
  for (const auto& run : contestant.runs) runs.emplace(run.seed, run.dictionary_seed);
  for (const auto& trial : of.trials) {
    const Run run(trial.seed, trial.dictionary_seed);
    const std::string what = fmt::format("side_effects: {}, a trial of seed {}", of.contestant, trial.seed);
    if (!runs.contains(run)) fail("[result] {} with dictionary seed {}: there is no such run", what, trial.dictionary_seed);
    if (trial.allowed && contestant.role != Result::Role::reference && !effects.within_budget(trial))
      fail("[result] {}: it is allowed, with {} nats a token and {} of an ability", what, trial.delta_ce, trial.ability);
    if (trial.allowed) with_allowed.insert(run);
    if (trial.chosen && !with_choice.insert(run).second) fail("[result] {}: a run has two that are chosen", what);
  }
  for (const auto& trial : of.trials)
    if (trial.chosen && !trial.allowed && with_allowed.contains({trial.seed, trial.dictionary_seed}))
      fail("[result] side_effects: {}, a trial of seed {}: it is chosen and not allowed, where another one is allowed",
           of.contestant, trial.seed);
}

void require_side_effects(const Result& result) {
  if (!result.side_effects) return;
  require_about_contestants(result, result.side_effects->contestants, "side_effects: the trials");
  for (const auto& of : result.side_effects->contestants) require_trials(result, *result.side_effects, of);
}

void require_robustness(const Result& result) {
  if (!result.robustness) return;
  const auto& [attacks, contestants] = *result.robustness;
  for (const auto& attack : attacks) {
    require_name(attack.name);
    if (attack.worst == attack.best)
      fail("[result] robustness: the worst and the best of {} are both {}", attack.name, attack.best);
  }
  require_distinct(
      attacks, [](const auto& attack) { return attack.name; }, "robustness: the attack");
  require_about_contestants(result, contestants, "robustness: the values");
  for (const auto& of : contestants)
    require_count(of.values.size(), attacks.size(), "values", "robustness: " + of.contestant);
}

template <class Amount>
void require_lines(const Result& result, const std::vector<Amount>& amounts, const std::vector<Result::Line>& lines,
                   const std::string& what) {
  if (amounts.empty() || std::adjacent_find(amounts.begin(), amounts.end(), std::greater_equal()) != amounts.end())
    fail("[result] {}: expected a list that ascends", what);
  require_about_contestants(result, lines, what + ": the line");
  for (const auto& line : lines) require_count(line.scores.size(), amounts.size(), "scores", what + ": " + line.contestant);
}

void require_doses(const Result& result) {
  if (!result.doses) return;
  const auto& [shares, lines, slopes] = *result.doses;
  require_lines(result, shares, lines, "doses.shares");
  require_about_contestants(result, slopes, "doses: the slope");
  for (const auto& slope : slopes)
    if (std::none_of(lines.begin(), lines.end(), [&](const auto& line) { return line.contestant == slope.contestant; }))
      fail("[result] doses: {} has a slope and no line", slope.contestant);
}

void require_certificate(const Result& result) {
  if (!result.certificate) return;
  std::string reached;
  for (const auto& level : result.certificate->levels) {
    if (level.name.empty()) fail("[result] certificate: a level has no name");
    if (!level.holds) break;
    reached = level.name;
  }
  require_distinct(
      result.certificate->levels, [](const auto& level) { return level.name; }, "certificate: the level");
  if (result.certificate->reached != reached)
    fail("[result] certificate: got \"{}\" as reached, expected what the levels say, \"{}\"",
         plain(result.certificate->reached), plain(reached));
}

}  // namespace

void Result::check() const {
  const auto name = [](const auto& item) { return item.name; };
  if (seeds.empty() || dictionary_seeds.empty() || fight.families.empty())
    fail("[result] expected at least one seed, one dictionary seed and one family");
  if (fight.metric.no_skill == fight.metric.perfect)
    fail("[result] fight.metric: no_skill and perfect are both {}", fight.metric.perfect);
  for (const auto& family : fight.families) require_name(family.name);
  for (const auto& secondary : fight.secondary) require_name(secondary.name);
  for (const auto& contestant : contestants) require_name(contestant.name);
  require_distinct(seeds, std::identity(), "the seed");
  require_distinct(dictionary_seeds, std::identity(), "the dictionary seed");
  require_distinct(fight.families, name, "the family");
  require_distinct(fight.secondary, name, "the secondary metric");
  require_distinct(contestants, name, "the contestant");
  if (!std::equal(models.begin(), models.end(), seeds.begin(), seeds.end(),
                  [](const auto& model, int64_t seed) { return model.seed == seed; }))
    fail("[result] models: expected one entry for each of the {} seeds, in their order", seeds.size());
  for (const auto& model : models)
    if (model.sinks && (model.sinks->left_out > model.sinks->rows || model.sinks->tested_left_out > model.sinks->tested || !(model.sinks->median_norm > 0) || !(model.sinks->most_norm > model.sinks->median_norm)))
      fail("[result] {}: {} sinks of {} rows, norms {} and {}; expected no more than there are rows, and a limit above a median above 0", plain(model.name),
           model.sinks->left_out, model.sinks->rows, model.sinks->median_norm, model.sinks->most_norm);
  require_seeds(dictionary.trained, seeds, dictionary_seeds, "dictionary.trained");
  if (std::abs(interval.bound - (1 + interval.level) / 2) > 1e-9)
    fail("[result] interval: got a bound of {}, expected {}, of an interval of {}", interval.bound, (1 + interval.level) / 2,
         interval.level);
  require_contestants(*this);
  require_pairs(*this);
  require_verdict(*this);
  require_ledger(*this);
  require_necessity(*this);
  require_tier(tier);
  require_tuning(*this);
  require_side_effects(*this);
  require_robustness(*this);
  require_doses(*this);
  if (few_shots) require_lines(*this, few_shots->examples, few_shots->lines, "few_shots.examples");
  require_certificate(*this);
}

}  // namespace fairfight
