#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>

#include "fairfight/base/error.h"
#include "fairfight/report/check_parts.h"
#include "fairfight/report/result.h"
#include "fairfight/report/text.h"

namespace fairfight {
namespace {

using Role = Result::Role;
using Label = Result::Label;

/// One entry a seed, or one a seed and dictionary seed, or so many of each: the first seed's come first.
template <class List>
void require_seeds(const List& items, const std::vector<int64_t>& seeds, const std::vector<int64_t>& dictionary_seeds,
                   const std::string& what, size_t of_each = 1) {
  require_count(items.size(), seeds.size() * dictionary_seeds.size() * of_each, "entries", what);
  for (size_t i = 0; i < items.size(); ++i) {
    const size_t pair = i / of_each;
    const int64_t seed = seeds[pair / dictionary_seeds.size()], dictionary_seed = dictionary_seeds[pair % dictionary_seeds.size()];
    if (items[i].seed != seed || items[i].dictionary_seed != dictionary_seed)
      fail("[result] {}[{}]: got seed {} with dictionary seed {}, expected {} with {}", what, i, items[i].seed,
           items[i].dictionary_seed, seed, dictionary_seed);
  }
}

void require_metric(const Result::Metric& metric) {
  if (!(metric.perfect > metric.no_skill))
    fail("[result] fight.metric: got perfect = {} and no_skill = {}, expected perfect above it: higher is better", metric.perfect, metric.no_skill);
  const size_t score = metric.says.find("{}");
  if (!metric.says.empty() && (score == std::string::npos || metric.says.find("{}", score + 1) != std::string::npos))
    fail("[result] fight.metric: says \"{}\", expected one {{}} in it, where the score stands", plain(metric.says));
}

void require_contestants(const Result& result) {
  const auto& families = result.fight.families;
  static const std::vector<int64_t> kNoDictionary = {-1};
  for (const auto& contestant : result.contestants) {
    const std::string runs = contestant.name + ".by_seed";
    require_count(contestant.score.families.size(), families.size(), "families", contestant.name);
    require_seeds(contestant.runs, result.seeds, contestant.uses_dictionary() ? result.dictionary_seeds : kNoDictionary, runs);
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

/// A label says no more than the two readings. INCONCLUSIVE goes with any: somebody may be under-tuned.
void require_ruling(const Result& result, const Result::Ruling& ruling, const std::string& what) {
  if (!result.contestant(ruling.challenger).challenger())
    fail("[result] {}: {} is not a challenger", what, ruling.challenger);
  if (result.contestant(ruling.against).role != Role::baseline)
    fail("[result] {}: {} is not a baseline", what, ruling.against);
  if (ruling.beats && !ruling.competitive) fail("[result] {}: it beats and is not competitive", what);
  const bool fits = ruling.label == Label::beats         ? ruling.beats
                    : ruling.label == Label::competitive ? ruling.competitive  // it may be held back from more: a baseline may be under-tuned
                    : ruling.label == Label::loses       ? !ruling.competitive
                                                         : true;
  if (!fits)
    fail("[result] {}: the label {} does not fit beats = {}, competitive = {}", what, name_of(ruling.label), ruling.beats,
         ruling.competitive);
  const Estimate& lead = ruling.interval;
  if (ruling.beats && lead.low <= 0) fail("[result] {}: it beats, with a lead that may be {}", what, lead.low);
  if (ruling.competitive && lead.low < -result.verdict.margin)
    fail("[result] {}: it is competitive, with a lead that may be {} and a margin of {}", what, lead.low,
         result.verdict.margin);
  if (ruling.label == Label::loses && lead.high >= -result.verdict.margin)
    fail("[result] {}: it loses, with a lead that may be {} and a margin of {}", what, lead.high, result.verdict.margin);
}

void require_verdict(const Result& result) {
  const auto& verdict = result.verdict;
  require_ruling(result, verdict.ruling, "verdict");
  for (const auto& each : verdict.all) require_ruling(result, each, "verdict.all");
  require_distinct(
      verdict.all, [](const auto& each) { return each.challenger; }, "the ruling on");
  for (const auto& each : verdict.rulings) require_ruling(result, each.ruling, "verdict.rulings, " + each.threat);
  require_distinct(
      verdict.rulings, [](const auto& each) { return each.threat; }, "the ruling under");
  const auto challengers = std::count_if(result.contestants.begin(), result.contestants.end(),
                                         [](const auto& contestant) { return contestant.challenger(); });
  require_count(verdict.all.size(), size_t(challengers), "rulings, one a challenger", "verdict.all");
  const auto& [failed, others_failed, organisms] = verdict.failures;
  if (organisms != std::ssize(result.seeds) || failed > organisms || others_failed > organisms)
    fail("[result] verdict.failures: got {} and {} of {} organisms, expected of {}", failed, others_failed, organisms, result.seeds.size());
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
  if (!result.contestant(challenger).challenger()) fail("[result] necessity: {} is not a challenger", challenger);
  bool required = false, all_beaten = true;
  for (const auto& control : controls) {
    if (!result.contestant(control.challenger).challenger())
      fail("[result] necessity: {} is not a challenger", control.challenger);
    const double low = control.difference.low;
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
  constexpr int64_t kHighest = 5;
  if (tier.value < 1 || tier.value > tier.most || tier.most > kHighest) fail("[result] tier: got {}, of at most {}; expected 1 to {}", tier.value, tier.most, kHighest);
  for (int64_t above = 2; above <= tier.value; ++above)
    if (std::none_of(tier.evidence.begin(), tier.evidence.end(), [&](const auto& evidence) { return evidence.tier == above; })) fail("[result] tier: got {} without evidence for tier {}", tier.value, above);
  for (const auto& evidence : tier.evidence)
    if (!evidence.holds && evidence.tier <= tier.value)
      fail("[result] tier: got {}, but tier {} needs \"{}\"", tier.value, evidence.tier, plain(evidence.text));
}

}  // namespace

void Result::check() const {
  const auto name = [](const auto& item) { return item.name; };
  if (seeds.empty() || dictionary_seeds.empty() || fight.families.empty())
    fail("[result] expected at least one seed, one dictionary seed and one family");
  require_metric(fight.metric);
  for (const auto& family : fight.families) require_name(family.name);
  for (const auto& contestant : contestants) require_name(contestant.name);
  require_distinct(seeds, std::identity(), "the seed");
  require_distinct(dictionary_seeds, std::identity(), "the dictionary seed");
  require_distinct(fight.families, name, "the family");
  require_distinct(contestants, name, "the contestant");
  if (!std::equal(models.begin(), models.end(), seeds.begin(), seeds.end(),
                  [](const auto& model, int64_t seed) { return model.seed == seed; }))
    fail("[result] models: expected one entry for each of the {} seeds, in their order", seeds.size());
  if (fight.sites.empty()) fail("[result] fight.sites: expected at least one site");
  require_distinct(fight.sites, std::identity(), "the site");
  const auto require_site = [&](const std::string& site, const std::string& what) {
    if (std::find(fight.sites.begin(), fight.sites.end(), site) == fight.sites.end()) fail("[result] {}: got the site {}, expected one of the fight's: {}", what, plain(site), fmt::join(fight.sites, ", "));
  };
  for (const auto& model : models)
    for (const auto& sinks : model.sinks) {
      require_site(sinks.site, model.name);
      if (sinks.left_out > sinks.rows || sinks.tested_left_out > sinks.tested || !(sinks.median_norm > 0) || !(sinks.most_norm > sinks.median_norm))
        fail("[result] {}: {} sinks of {} rows, norms {} and {}; expected no more than there are rows, and a limit above a median above 0", plain(model.name),
             sinks.left_out, sinks.rows, sinks.median_norm, sinks.most_norm);
    }
  require_seeds(dictionary.trained, seeds, dictionary_seeds, "dictionary.trained", fight.sites.size());
  for (size_t i = 0; i < dictionary.trained.size(); ++i)
    if (const auto &site = dictionary.trained[i].site, &expected = fight.sites[i % fight.sites.size()]; site != expected)
      fail("[result] dictionary.trained[{}]: got the site {}, expected {}", i, plain(site), plain(expected));
  if (std::abs(interval.bound - (1 + interval.level) / 2) > 1e-9)
    fail("[result] interval: got a bound of {}, expected {}, of an interval of {}", interval.bound, (1 + interval.level) / 2,
         interval.level);
  require_contestants(*this);
  require_pairs(*this);
  require_verdict(*this);
  require_ledger(*this);
  require_necessity(*this);
  require_tier(tier);
  check_sections(*this);
}

}  // namespace fairfight
