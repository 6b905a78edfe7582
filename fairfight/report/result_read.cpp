#include <tuple>
#include <utility>

#include "fairfight/base/error.h"
#include "fairfight/report/result.h"

namespace fairfight {
namespace {

constexpr double kLargestScore = 1e9;  // the span of every axis stays finite
constexpr double kLargestCost = 1e40;
constexpr int64_t kMost = INT64_MAX, kHighestTier = 9;

using Families = std::vector<Result::Family>;
using Label = Result::Label;
using Role = Result::Role;

template <class Read>
auto object(Fields& fields, const std::string& key, Read read) {
  Fields inner = fields.object(key);
  auto value = read(inner);
  inner.finish();
  return value;
}

template <class Read>
auto list(Fields& fields, const std::string& key, Read read) {
  const Json& items = fields.any(key);
  if (!items.is_array()) fail("[{}] \"{}\": expected a list of objects", fields.where(), key);
  std::vector<decltype(read(fields))> values;
  for (size_t i = 0; i < items.size(); ++i) {
    Fields item(items[i], fmt::format("{}.{}[{}]", fields.where(), key, i));
    values.push_back(read(item));
    item.finish();
  }
  return values;
}

double score_number(Fields& fields, const std::string& key) { return fields.number(key, -kLargestScore, kLargestScore); }
double cost(Fields& fields, const std::string& key) { return fields.number(key, 0, kLargestCost); }
int64_t count(Fields& fields, const std::string& key) { return fields.integer(key, 0, kMost); }

std::vector<double> numbers(Fields& fields, const std::string& key, double low, double high) {
  const Json& items = fields.any(key);
  if (!items.is_array()) fail("[{}] \"{}\": expected a list of numbers", fields.where(), key);
  std::vector<double> values;
  for (const auto& value : items) {  // a field of its own, for the same checks and words
    const Json boxed = {{key, value}};
    Fields item(boxed, fields.where());
    values.push_back(item.number(key, low, high));
  }
  return values;
}

Json free_object(Fields& fields, const std::string& key) {
  fields.object(key);  // refuses what is no object
  return fields.any(key);
}

std::string sha256(Fields& fields, const std::string& key) {
  std::string hash = fields.text(key);
  if (hash.size() != 64 || hash.find_first_not_of("0123456789abcdef") != std::string::npos)
    fail("[{}] \"{}\": expected 64 hexadecimal digits, in lower case", fields.where(), key);
  return hash;
}

Estimate read_estimate(Fields& fields) {
  const Estimate estimate{score_number(fields, "value"), score_number(fields, "low"), score_number(fields, "high")};
  if (estimate.low > estimate.high) fail("[{}] got low {} above high {}", fields.where(), estimate.low, estimate.high);
  return estimate;
}

Result::Score read_score(Fields& fields, const Families& families) {
  Result::Score score{object(fields, "mean", read_estimate), {}};
  score.families = object(fields, "families", [&](Fields& table) {
    std::vector<Estimate> estimates;
    for (const auto& family : families) estimates.push_back(object(table, family.name, read_estimate));
    return estimates;
  });
  return score;
}

Result::Run read_run(Fields& fields, const Families& families) {
  Result::Run run;
  run.seed = count(fields, "seed");
  run.dictionary_seed = fields.integer_or("dictionary_seed", -1, 0, kMost);
  run.settings = free_object(fields, "settings");
  run.validation = score_number(fields, "validation");
  run.mean = score_number(fields, "mean");
  run.families = object(fields, "families", [&](Fields& table) {
    std::vector<double> values;
    for (const auto& family : families) values.push_back(score_number(table, family.name));
    return values;
  });
  run.nothing = fields.flag_or("nothing", false);
  return run;
}

Result::Metric read_metric(Fields& fields) {
  return {fields.text("name"), fields.text("title"), score_number(fields, "no_skill"), score_number(fields, "perfect")};
}

Result::Secondary read_secondary(Fields& fields) {
  return {fields.text("name"), fields.text("title"), score_number(fields, "ideal")};
}

Result::Family read_family(Fields& fields) { return {fields.text("name"), fields.text("about")}; }

Result::Fight read_fight(Fields& fields) {
  Result::Fight fight;
  fight.name = fields.text("name");
  fight.title = fields.text("title");
  fight.question = fields.text("question");
  fight.prediction = fields.text("prediction");
  fight.discipline = fields.text("discipline");
  fight.site = fields.text("site");
  fight.metric = object(fields, "metric", read_metric);
  fight.secondary = list(fields, "secondary", read_secondary);
  fight.families = list(fields, "families", read_family);
  std::tie(fight.clean, fight.per_family) =
      object(fields, "items", [](Fields& items) { return std::pair(count(items, "clean"), count(items, "per_family")); });
  return fight;
}

Result::Registration read_registration(Fields& fields) {
  return {fields.text("card"), sha256(fields, "sha256"), sha256(fields, "card_sha256")};
}

Result::Sinks read_sinks(Fields& fields) {
  return {count(fields, "rows"), count(fields, "left_out"), score_number(fields, "median_norm"), score_number(fields, "most_norm"), count(fields, "tested"), count(fields, "tested_left_out")};
}

Result::Model read_model(Fields& fields) {
  Result::Model model{fields.text("name"), count(fields, "seed"), sha256(fields, "sha256"), free_object(fields, "papers"), fields.text_or("revision", "")};
  if (fields.has("sinks")) model.sinks = object(fields, "sinks", read_sinks);
  return model;
}

Result::Quality read_quality(Fields& fields) {
  Result::Quality quality;
  quality.seed = count(fields, "seed");
  quality.dictionary_seed = count(fields, "dictionary_seed");
  quality.fvu = score_number(fields, "fvu");
  quality.explained_variance = score_number(fields, "explained_variance");
  quality.l0 = score_number(fields, "l0");
  quality.dead = fields.number("dead", 0, 1);
  quality.delta_ce = score_number(fields, "delta_ce");
  quality.ce_recovered = score_number(fields, "ce_recovered");
  quality.kl = score_number(fields, "kl");
  return quality;
}

Result::Dictionary read_dictionary(Fields& fields) {
  Result::Dictionary dictionary;
  dictionary.kind = fields.text("kind");
  dictionary.site = fields.text("site");
  dictionary.width = count(fields, "width");
  dictionary.settings = free_object(fields, "settings");
  dictionary.tokens = count(fields, "tokens");
  dictionary.trained = list(fields, "trained", read_quality);
  return dictionary;
}

Result::Spent read_spent(Fields& fields) {
  Result::Spent spent;
  spent.tokens_forward = count(fields, "tokens_forward");
  spent.tokens_backward = count(fields, "tokens_backward");
  spent.queries = count(fields, "queries");
  spent.labels = count(fields, "labels");
  spent.trials = count(fields, "trials");
  spent.charged_flops = object(fields, "charged_flops", [](Fields& charged) {
    return Result::ChargedFlops{cost(charged, "0"), cost(charged, "10"), cost(charged, "100")};
  });
  return spent;
}

Result::Calibration read_calibration(Fields& fields) {
  return {score_number(fields, "reached"), score_number(fields, "reference"), fields.number("tolerance", 0, kLargestScore)};
}

Role read_role(Fields& fields) {
  const std::string name = fields.one_of("role", {"challenger", "baseline", "reference"});
  return name == "challenger" ? Role::challenger : name == "baseline" ? Role::baseline : Role::reference;
}

Result::Contestant read_contestant(Fields& fields, const Result::Fight& fight) {
  const auto& families = fight.families;
  Result::Contestant contestant;
  contestant.name = fields.text("name");
  contestant.title = fields.text("title");
  contestant.about = fields.text("about");
  contestant.role = read_role(fields);
  if (fields.has("form")) contestant.form = fields.one_of("form", {"hooked", "baked"});
  contestant.score = object(fields, "scores", [&](Fields& score) { return read_score(score, families); });
  contestant.secondary = object(fields, "secondary", [&](Fields& table) {
    std::vector<double> values;
    for (const auto& secondary : fight.secondary) values.push_back(score_number(table, secondary.name));
    return values;
  });
  contestant.runs = list(fields, "by_seed", [&](Fields& run) { return read_run(run, families); });
  if (fields.has("calibration")) contestant.calibration = object(fields, "calibration", read_calibration);
  contestant.starved = fields.text_or("starved", "");
  if (fields.has("starved") && contestant.starved.empty())
    fail("[{}] \"starved\": got an empty text, expected a reason, or no such key", fields.where());
  contestant.ledger = object(fields, "ledger", read_spent);
  contestant.ledger.seconds = object(fields, "timing", [](Fields& timing) { return cost(timing, "seconds"); });
  return contestant;
}

Result::Difference read_difference(Fields& fields, const Families& families) {
  return {fields.text("challenger"), fields.text("baseline"), read_score(fields, families)};
}

Result::Interval read_interval(Fields& fields) {
  return {fields.number("level", 0.5, 1), fields.number("bound", 0.5, 1), fields.text("method"), count(fields, "resamples")};
}

Label read_label(Fields& fields) {
  const std::string name = fields.one_of("label", {"BEATS", "COMPETITIVE", "INCONCLUSIVE", "LOSES"});
  return name == "BEATS"          ? Label::beats
         : name == "COMPETITIVE"  ? Label::competitive
         : name == "INCONCLUSIVE" ? Label::inconclusive
                                  : Label::loses;
}

Result::Ruling read_ruling(Fields& fields) {
  Result::Ruling ruling;
  ruling.challenger = fields.text("challenger");
  ruling.label = read_label(fields);
  ruling.beats = fields.flag("beats");
  ruling.competitive = fields.flag("competitive");
  ruling.against = fields.text("against");
  ruling.interval = object(fields, "interval", read_estimate);
  return ruling;
}

Result::Verdict read_verdict(Fields& fields) {
  return {read_ruling(fields), fields.number("margin", 0, kLargestScore), list(fields, "all", read_ruling),
          fields.text("sentence")};
}

Result::Amortised read_amortised(Fields& fields) {
  return {fields.number("share", 0, 1), read_ruling(fields), cost(fields, "challenger_flops"), fields.flag("over_budget")};
}

Result::LedgerSummary read_ledger(Fields& fields) {
  return {cost(fields, "budget_flops"), cost(fields, "dictionary_flops"), list(fields, "amortisation", read_amortised)};
}

Result::Control read_control(Fields& fields) {
  Result::Control control;
  control.challenger = fields.text("challenger");
  control.basis = fields.text("basis");
  control.title = fields.text("title");
  control.required = fields.flag("required");
  control.fvu = score_number(fields, "fvu");
  control.l0 = score_number(fields, "l0");
  control.score = object(fields, "score", read_estimate);
  control.difference = object(fields, "difference", read_estimate);
  control.beaten = fields.flag("beaten");
  return control;
}

Result::Necessity read_necessity(Fields& fields) {
  return {fields.text("challenger"), fields.flag("passed"), list(fields, "controls", read_control), fields.text("sentence")};
}

Result::Tier read_tier(Fields& fields) {
  const auto read_evidence = [](Fields& evidence) {
    return Result::Evidence{evidence.text("text"), evidence.flag("holds"), evidence.integer("tier", 0, kHighestTier)};
  };
  return {fields.integer("value", 0, kHighestTier), fields.integer("most", 0, kHighestTier),
          list(fields, "evidence", read_evidence), fields.text("sentence")};
}

Result::Curve read_curve(Fields& fields) {
  return {fields.text("contestant"), numbers(fields, "expected", -kLargestScore, kLargestScore)};
}

Result::Tuning read_tuning(Fields& fields) { return {count(fields, "trials"), list(fields, "curves", read_curve)}; }

Result::Trial read_trial(Fields& fields) {
  Result::Trial trial;
  trial.seed = count(fields, "seed");
  trial.dictionary_seed = fields.integer_or("dictionary_seed", -1, 0, kMost);
  trial.score = score_number(fields, "score");
  trial.delta_ce = score_number(fields, "delta_ce");
  trial.ability = score_number(fields, "ability");
  trial.allowed = fields.flag("allowed");
  trial.chosen = fields.flag("chosen");
  if (fields.has("tried")) trial.tried = free_object(fields, "tried");
  trial.note = fields.text_or("note", "");
  return trial;
}

Result::SideEffects read_side_effects(Fields& fields) {
  const auto read_trials = [](Fields& of) { return Result::Trials{of.text("contestant"), list(of, "trials", read_trial)}; };
  return {fields.text("text"), score_number(fields, "most_delta_ce"), score_number(fields, "least_ability"),
          fields.texts("abilities"), list(fields, "contestants", read_trials)};
}

Result::Robustness read_robustness(Fields& fields) {
  Result::Robustness robustness;
  robustness.attacks = list(fields, "attacks", [](Fields& attack) {
    return Result::Attack{attack.text("name"), attack.text("title"), attack.text("about"), score_number(attack, "worst"),
                          score_number(attack, "best")};
  });
  robustness.contestants = list(fields, "contestants", [&](Fields& of) {
    Result::Withstood withstood{of.text("contestant"), {}};
    withstood.values = object(of, "values", [&](Fields& table) {
      std::vector<std::optional<Estimate>> values(robustness.attacks.size());
      for (size_t i = 0; i < values.size(); ++i)
        if (const auto& name = robustness.attacks[i].name; table.has(name)) values[i] = object(table, name, read_estimate);
      return values;
    });
    return withstood;
  });
  return robustness;
}

Result::Line read_line(Fields& fields) { return {fields.text("contestant"), list(fields, "scores", read_estimate)}; }

Result::Doses read_doses(Fields& fields) {
  const auto read_slope = [](Fields& slope) {
    return Result::Slope{slope.text("contestant"), object(slope, "per_decade", read_estimate)};
  };
  return {numbers(fields, "shares", 0, 1), list(fields, "lines", read_line), list(fields, "slopes", read_slope)};
}

Result::FewShots read_few_shots(Fields& fields) {
  return {fields.integers("examples", 0, kMost), list(fields, "lines", read_line)};
}

Result::Certificate read_certificate(Fields& fields) {
  const auto read_level = [](Fields& level) {
    return Result::Level{level.text("name"), level.text("text"), level.flag("holds"), level.text("evidence")};
  };
  return {list(fields, "levels", read_level), fields.text("reached"), fields.text("sentence")};
}

Result::Timing read_timing(Fields& fields) {
  const auto read_phase = [](Fields& phase) { return Result::Phase{phase.text("name"), cost(phase, "seconds")}; };
  return {fields.text("started"), cost(fields, "seconds"), fields.text("machine"), list(fields, "profile", read_phase)};
}

}  // namespace

Result Result::from_json(const Json& json) {
  Fields fields(json, "result");
  fields.one_of("schema", {std::string(kSchema)});
  Result result;
  result.fairfight = fields.text("fairfight");
  result.fight = object(fields, "fight", read_fight);
  result.registration = object(fields, "registration", read_registration);
  result.models = list(fields, "model", read_model);
  result.dictionary = object(fields, "dictionary", read_dictionary);
  result.seeds = fields.integers("seeds", 0, kMost);
  result.dictionary_seeds = fields.integers("dictionary_seeds", 0, kMost);
  const auto& families = result.fight.families;
  result.contestants = list(fields, "contestants", [&](Fields& item) { return read_contestant(item, result.fight); });
  result.differences = list(fields, "differences", [&](Fields& item) { return read_difference(item, families); });
  result.interval = object(fields, "interval", read_interval);
  result.verdict = object(fields, "verdict", read_verdict);
  result.ledger = object(fields, "ledger", read_ledger);
  result.necessity = object(fields, "necessity", read_necessity);
  result.tier = object(fields, "tier", read_tier);
  result.tuning = object(fields, "tuning", read_tuning);
  if (fields.has("side_effects")) result.side_effects = object(fields, "side_effects", read_side_effects);
  if (fields.has("robustness")) result.robustness = object(fields, "robustness", read_robustness);
  if (fields.has("doses")) result.doses = object(fields, "doses", read_doses);
  if (fields.has("few_shots")) result.few_shots = object(fields, "few_shots", read_few_shots);
  if (fields.has("certificate")) result.certificate = object(fields, "certificate", read_certificate);
  result.timing = object(fields, "timing", read_timing);
  fields.finish();
  result.check();
  return result;
}

}  // namespace fairfight
