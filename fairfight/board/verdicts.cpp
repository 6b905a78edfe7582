#include "fairfight/board/verdicts.h"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <map>
#include <set>

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
  for (const auto& contestant : registration.at("contestants")) registered[contestant.at("name")] = contestant.at("role");
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

HeldFight read_fight(const std::filesystem::path& given) {
  const auto path = std::filesystem::is_directory(given) ? given / "result.json" : given;
  HeldFight fight{path, read_result(path), {}};
  require_known(fight.result.fight.prediction);
  try {
    fight.registration = require_registered(fight.result, path);
  } catch (const Json::exception& error) {
    fail("[board] {}: registration.json lacks what a registration says: {}", path.string(), error.what());
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
  if (!(half > 0)) return above > 0 ? 0 : 1;
  const double level = result.interval.bound;
  if (!of_a_sample()) return cdf(complement(boost::math::normal(), above / (half / quantile(boost::math::normal(), level))));
  const boost::math::students_t t(double(result.models.size() - 1));
  return cdf(complement(t, above / (half / quantile(t, level))));
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
  for (const auto& contestant : r.contestants) {
    if (contestant.role != Result::Role::baseline) continue;
    if (!contestant.under_tuned.empty()) starved.push_back(plain(contestant.title));
    if (contestant.calibration && !contestant.calibration->holds()) weak.push_back(plain(contestant.title));
  }
  const Result::Ruling& ruling = r.verdict.ruling;
  const bool sample = r.verdict.scope == "on models like these";
  const std::string of_claims = r.fight.prediction.starts_with("T") ? "one of the essay's eight" : r.fight.prediction.empty() ? "none that the essay names"
                                                                                                                              : "one of the systems that the essay names";
  return {{"the task is a downstream one, named beforehand", !r.fight.prediction.empty(), of_claims},
          {"success is measured", true, r.fight.metric.title + ", on a sealed test"},
          {"10 % of the dictionary's training is charged", !r.primary().over_budget, r.primary().over_budget ? "no trial fitted into the budget" : "the verdict's own share"},
          {"the baselines fit and fought as hard", starved.empty() && weak.empty(),
           starved.empty() && weak.empty() ? "each reached its reference where it has one, and none was under-tuned"
                                           : names_of(starved) + (starved.empty() ? "" : " under-tuned") + (starved.empty() || weak.empty() ? "" : "; ") + names_of(weak) + (weak.empty() ? "" : " below the reference")},
          {"it beats them, and does not only keep up", ruling.label == Result::Label::beats, std::string(name_of(ruling.label))},
          {"the dictionary is an important part of the solution", r.necessity.passed, r.necessity.controls.empty() ? "not tested" : r.necessity.passed ? "better than every control basis that was required"
                                                                                                                                                       : "a control basis in its place does as well"},
          {"the sample is large enough for an effect", ruling.interval.low > 0 && sample, (sample ? "a sample of " + counted(int64_t(r.models.size()), "model") : "these models alone") + ", " + signed_fixed(ruling.interval.low, 3) + " to " + signed_fixed(ruling.interval.high, 3)}};
}

}  // namespace fairfight
