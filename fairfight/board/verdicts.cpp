#include "fairfight/board/verdicts.h"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "fairfight/base/error.h"
#include "fairfight/base/file.h"
#include "fairfight/base/hash.h"
#include "fairfight/board/predictions.h"
#include "fairfight/report/text.h"

namespace fairfight {
namespace {

constexpr double kWidest = 0.05, kLaxest = 0.95;  // of the ready cards; a margin is a share of the way from no skill to perfect
constexpr int64_t kTier = 3;                     // below it is no useful type of task, or no settled verdict
constexpr size_t kSample = 6;                    // models that are a sample

double span_of(const Result& r) { return r.fight.metric.perfect - r.fight.metric.no_skill; }

/// What a registration and the result that quotes it both say. Whoever changes the numbers themselves is found out by whoever runs the card again.
Json require_registered(const Result& result, const std::filesystem::path& path) {
  const auto file = path.parent_path() / "registration.json";
  const std::string bytes = read_file(file), found = sha256(bytes);
  if (found != result.registration.sha256)
    fail("[board] {}: it quotes the registration {:.12}, but {} has the hash {:.12}; a result belongs beside the registration.json that its fight wrote", path.string(), plain(result.registration.sha256), file.string(), found);
  Json registration = parse_json(bytes, file.string());
  const auto same = [&](bool holds, std::string_view what) {
    if (!holds) fail("[board] {}: {} is not what its registration says; the result was changed", path.string(), what);
  };
  const Json &card = registration.at("card"), &metric = registration.at("metric");
  same(registration.at("schema") == "fairfight.registration/5", "the schema");
  same(card.at("fight") == result.fight.name, "the fight");
  same(card.at("trials") == result.fight.trials, "the number of trials");
  std::vector<std::string> named;
  for (const auto& model : result.models) named.push_back(model.name);
  same(card.at("models") == Json(named), "the list of models");
  same(metric.at("name") == result.fight.metric.name, "the metric");
  same(registration.at("prediction") == result.fight.prediction, "the prediction");
  same(registration.at("question") == result.fight.question, "the question");
  same(registration.at("card_sha256") == result.registration.card_sha256, "the card's hash");
  same(registration.at("fairfight") == result.fairfight, "the version of fairfight");
  same(metric.at("no_skill") == result.fight.metric.no_skill && metric.at("perfect") == result.fight.metric.perfect, "the metric's scale");
  same(std::abs(card.at("margin").get<double>() * span_of(result) - result.verdict.margin) < 1e-12, "the margin");
  same(card.at("level") == result.interval.bound, "the level");
  same(card.at("seeds") == Json(result.seeds), "the list of seeds");
  same(card.at("dictionary_seeds") == Json(result.dictionary_seeds), "the list of dictionary seeds");
  std::map<std::string, std::string> registered, present, threats, judged;
  for (const auto& contestant : registration.at("contestants")) same(registered.emplace(contestant.at("name").get<std::string>(), contestant.at("role").get<std::string>()).second, "a contestant that is registered twice");
  for (const auto& contestant : result.contestants) present[contestant.name] = name_of(contestant.role);
  same(registered == present, "the list of contestants");
  for (const auto& threat : registration.at("threats")) threats[threat.at("name")] = threat.at("about");
  for (const auto& threat : result.verdict.rulings) judged[threat.threat] = threat.about;
  same(threats == judged, "the list of threats");

  std::set<std::string> models;
  for (const auto& model : result.models) models.insert(model.sha256);
  same(result.verdict.scope != "on models like these" || models.size() >= kSample, "the scope, of fewer models than a sample has,");
  return registration;
}

/// Between which numbers a side's portfolio lies by its runs: in each model, and with each dictionary seed, the one that validated best; of equals the cheaper one, which a result does not tell.
Estimate portfolio_of(const Result& r, Result::Role role) {
  Estimate sum;
  const double no_skill = r.fight.metric.no_skill, runs = double(r.seeds.size() * r.dictionary_seeds.size());
  for (const int64_t seed : r.seeds)
    for (const int64_t dictionary_seed : r.dictionary_seeds) {
      double best = no_skill, low = no_skill, high = no_skill;  // nothing is better than what validates below no skill
      bool any = false;
      for (const auto& contestant : r.contestants)
        for (const auto& run : contestant.runs) {
          if (contestant.role != role || run.nothing || run.seed != seed || (run.dictionary_seed >= 0 && run.dictionary_seed != dictionary_seed) || run.validation < best) continue;
          const bool equal = any && run.validation == best;
          low = equal ? std::min(low, run.mean) : run.mean;
          high = equal ? std::max(high, run.mean) : run.mean;
          best = run.validation;
          any = true;
        }
      sum.low += low / runs;
      sum.high += high / runs;
    }
  return sum;
}

/// Whoever changes a verdict has to change the runs that it was made of.
void require_sums(const Result& r, const std::filesystem::path& path) {
  constexpr double kRounding = 1e-9;
  const auto& v = r.verdict;
  const auto require = [&](std::string_view what, double told, double low, double high) {
    if (told < low - kRounding || told > high + kRounding) fail("[board] {}: {} is {} in the verdict, and {} by its runs; the result was changed", path.string(), what, told, low == high ? fmt::format("{}", low) : fmt::format("{} to {}", low, high));
  };
  require("the difference", v.ruling.interval.value, v.challengers.value - v.baselines.value, v.challengers.value - v.baselines.value);
  if (std::any_of(r.contestants.begin(), r.contestants.end(), [](const auto& c) { return c.unpaid; })) return;  // which trials were paid for, a result does not say
  for (const auto& [what, told, role] : {std::tuple("the challengers' portfolio", v.challengers.value, Result::Role::challenger), {"the baselines' portfolio", v.baselines.value, Result::Role::baseline}}) {
    const Estimate found = portfolio_of(r, role);
    require(what, told, found.low, found.high);
  }
}

HeldFight read_fight(const std::filesystem::path& given) {
  const auto path = std::filesystem::is_directory(given) ? given / "result.json" : given;
  HeldFight fight{path, read_result(path), {}};
  require_known(fight.result.fight.prediction);
  try {
    fight.registration = require_registered(fight.result, path);
    require_sums(fight.result, path);
  } catch (const Json::exception& error) {
    fail("[board] {}: its registration.json is not what a fight writes: {}", path.string(), error.what());
  }
  return fight;
}

std::string names_of(const std::vector<std::string>& names) {
  std::string all;
  for (const auto& name : names) all += (all.empty() ? "" : ", ") + name;
  return all;
}

}  // namespace

std::string HeldFight::set_aside() const {
  if (result.verdict.margin > kWidest * span_of(result) + 1e-12) return fmt::format("a margin of {}, wider than the {} of the ready cards", fixed(result.verdict.margin, 3), fixed(kWidest * span_of(result), 3));
  if (result.interval.bound < kLaxest) return fmt::format("a level of {}, below {}", percent(result.interval.bound, 1), percent(kLaxest, 0));
  const Json& card = registration.at("card");
  if (card.contains("contestants") && !card["contestants"].empty()) return fmt::format("its card leaves contestants out: {} play", result.contestants.size());
  if (settled() && result.tier.value < kTier) return fmt::format("its evidence ends at tier {}", result.tier.value);
  return "";
}

double HeldFight::p_competitive() const {
  const Estimate& lead = ruling().interval;
  const double above = lead.value + result.verdict.margin, half = lead.value - lead.low;
  const double level = result.interval.bound;
  // The judge lowers a label by what under-tuned contestants might have gained, and leaves the interval as it is.
  const bool starved = std::any_of(result.contestants.begin(), result.contestants.end(), [](const auto& c) { return c.role == Result::Role::baseline && !c.under_tuned.empty(); });
  const double least = starved || !(half > 0) ? 1 - level : 0;  // a smaller one would need more than is known
  if (!(half > 0)) return above > 0 ? least : 1;
  const size_t models = result.models.size(), seeds = result.dictionary_seeds.size();
  const auto of_t = [&](size_t df) {
    const boost::math::students_t t{double(df)};
    return cdf(complement(t, above / half * quantile(t, level)));
  };
  const boost::math::normal normal;
  const double p = of_a_sample() ? of_t(models - 1) : seeds > 1 ? of_t(models * (seeds - 1))
                                                                : cdf(complement(normal, above / half * quantile(normal, level)));
  return std::max(p, least);
}

std::vector<HeldFight> read_fights(const std::vector<std::filesystem::path>& paths) {
  std::vector<HeldFight> fights;
  for (const auto& path : paths) {
    HeldFight fight = read_fight(path);
    const auto same = std::find_if(fights.begin(), fights.end(), [&](const auto& other) { return other.result.registration.sha256 == fight.result.registration.sha256; });
    if (same == fights.end()) {
      fights.push_back(std::move(fight));
      continue;
    }
    Result one = same->result, other = fight.result;
    for (Result* result : {&one, &other}) {
      result->timing = {};
      for (auto& contestant : result->contestants) contestant.ledger.seconds = 0;
    }
    if (one != other) fail("[board] {} and {} have one registration, {:.12}, and different numbers; one of them was changed", same->path.string(), fight.path.string(), other.registration.sha256);
  }
  return fights;
}

std::vector<MarketRule> market_rules(const Result& r) {
  std::vector<std::string> starved, weak;
  size_t baselines = 0, held = 0;
  for (const auto& contestant : r.contestants) {
    if (contestant.role != Result::Role::baseline) continue;
    ++baselines;
    held += contestant.calibration.has_value();
    if (!contestant.under_tuned.empty() || contestant.unpaid) starved.push_back(plain(contestant.title));
    if (contestant.calibration && !contestant.calibration->holds()) weak.push_back(plain(contestant.title));
  }
  const Result::Ruling& ruling = r.verdict.ruling;
  const bool sample = r.verdict.scope == "on models like these";
  const std::string of_claims = r.fight.prediction.starts_with("T") ? "one of the essay's eight" : r.fight.prediction.empty() ? "none that the essay names"
                                                                                                                              : "one of the systems that the essay names";
  const bool none_required = std::none_of(r.necessity.controls.begin(), r.necessity.controls.end(), [](const auto& c) { return c.required; });
  return {{"the task is a downstream one, named beforehand", !r.fight.prediction.empty(), of_claims},
          {"success is measured", !r.fight.metric.name.empty(), r.fight.metric.title + ", on a sealed test: by construction of a fight"},
          {"10 % of the dictionary's training is charged", !r.primary().over_budget, r.primary().over_budget ? "no trial fitted into the budget" : "the verdict's own share"},
          {"the baselines fit and fought as hard", held > 0 && starved.empty() && weak.empty(),
           held == 0                         ? "none of them has a reference to be held to"
           : starved.empty() && weak.empty() ? fmt::format("{} of {} have a reference and reached it, and none was under-tuned", held, baselines)
                                             : names_of(starved) + (starved.empty() ? "" : " under-tuned") + (starved.empty() || weak.empty() ? "" : "; ") + names_of(weak) + (weak.empty() ? "" : " below the reference")},
          {"it beats them, and does not only keep up", ruling.label == Result::Label::beats, std::string(name_of(ruling.label))},
          {"the dictionary is an important part of the solution", r.necessity.passed, none_required ? "no control basis was required" : r.necessity.passed ? "better than every control basis that was required"
                                                                                                                                                           : "a control basis in its place does as well"},
          {"the sample is large enough for an effect", ruling.interval.low > 0 && sample, (sample ? "a sample of " + counted(int64_t(r.models.size()), "model") : "these models alone") + ", " + signed_fixed(ruling.interval.low, 3) + " to " + signed_fixed(ruling.interval.high, 3)}};
}

}  // namespace fairfight
