#include <tuple>
#include <utility>

#include "fairfight/base/error.h"
#include "fairfight/report/json_parts.h"
#include "fairfight/report/result.h"
#include "fairfight/report/text.h"

namespace fairfight {
namespace {

constexpr double kLargestCost = 1e40;
constexpr int64_t kMost = INT64_MAX, kHighestTier = 9;

using Families = std::vector<Result::Family>;
using Label = Result::Label;
using Role = Result::Role;

double cost(Fields& fields, const std::string& key) { return fields.number(key, 0, kLargestCost); }
int64_t count(Fields& fields, const std::string& key) { return fields.integer(key, 0, kMost); }

std::string sha256(Fields& fields, const std::string& key) {
  std::string hash = fields.text(key);
  if (hash.size() != 64 || hash.find_first_not_of("0123456789abcdef") != std::string::npos)
    fail("[{}] \"{}\": expected 64 hexadecimal digits, in lower case", fields.where(), key);
  return hash;
}

Result::Score read_score(Fields& fields, const Families& families) {
  Result::Score score{read_object(fields, "mean", read_estimate), {}};
  score.families = read_object(fields, "families", [&](Fields& table) {
    std::vector<Estimate> estimates;
    for (const auto& family : families) estimates.push_back(read_object(table, family.name, read_estimate));
    return estimates;
  });
  return score;
}

Result::Run read_run(Fields& fields, const Families& families) {
  Result::Run run;
  run.seed = count(fields, "seed");
  run.dictionary_seed = fields.integer_or("dictionary_seed", -1, 0, kMost);
  run.settings = read_free_object(fields, "settings");
  run.validation = read_score_number(fields, "validation");
  run.mean = read_score_number(fields, "mean");
  run.families = read_object(fields, "families", [&](Fields& table) {
    std::vector<double> values;
    for (const auto& family : families) values.push_back(read_score_number(table, family.name));
    return values;
  });
  if (fields.has("limits")) run.limits = read_list(fields, "limits", [](Fields& limit) { return Result::Run::Limit{limit.text("name"), read_score_number(limit, "value"), read_score_number(limit, "error"), limit.flag("kept")}; });
  run.nothing = fields.flag_or("nothing", false);
  return run;
}

Result::Metric read_metric(Fields& fields) {
  Result::Metric metric{fields.text("name"), fields.text("title"), read_score_number(fields, "no_skill"), read_score_number(fields, "perfect")};
  metric.of_no_skill = fields.text("of_no_skill");
  metric.of_perfect = fields.text("of_perfect");
  metric.below = fields.text_or("below", "");
  metric.above = fields.text_or("above", "");
  metric.says = fields.text_or("says", "");
  return metric;
}

Result::Family read_family(Fields& fields) { return {fields.text("name"), fields.text("about")}; }

Result::Fight read_fight(Fields& fields) {
  Result::Fight fight;
  fight.name = fields.text("name");
  fight.title = fields.text("title");
  fight.question = fields.text("question");
  fight.prediction = fields.text("prediction");
  fight.discipline = fields.text("discipline");
  fight.sites = fields.texts("sites");
  fight.metric = read_object(fields, "metric", read_metric);
  fight.families = read_list(fields, "families", read_family);
  std::tie(fight.clean, fight.per_family) =
      read_object(fields, "items", [](Fields& items) { return std::pair(count(items, "clean"), count(items, "per_family")); });
  fight.trials = count(fields, "trials");
  return fight;
}

Result::Registration read_registration(Fields& fields) {
  return {fields.text("card"), sha256(fields, "sha256"), sha256(fields, "card_sha256")};
}

Result::Sinks read_sinks(Fields& fields) {
  return {fields.text("site"), count(fields, "rows"), count(fields, "left_out"), read_score_number(fields, "median_norm"), read_score_number(fields, "most_norm"), count(fields, "tested"), count(fields, "tested_left_out")};
}

Result::Model read_model(Fields& fields) {
  Result::Model model{fields.text("name"), count(fields, "seed"), sha256(fields, "sha256"), read_free_object(fields, "datasheet"), fields.text_or("revision", "")};
  if (fields.has("sinks")) model.sinks = read_list(fields, "sinks", read_sinks);
  return model;
}

Result::Quality read_quality(Fields& fields) {
  Result::Quality quality;
  quality.seed = count(fields, "seed");
  quality.dictionary_seed = count(fields, "dictionary_seed");
  quality.site = fields.text("site");
  quality.fvu = read_score_number(fields, "fvu");
  quality.explained_variance = read_score_number(fields, "explained_variance");
  quality.l0 = read_score_number(fields, "l0");
  quality.dead = fields.number("dead", 0, 1);
  if (fields.has("kl")) quality.spliced = {read_score_number(fields, "delta_ce"), read_score_number(fields, "ce_recovered"), read_score_number(fields, "kl")};
  return quality;
}

Result::Dictionary read_dictionary(Fields& fields) {
  Result::Dictionary dictionary;
  dictionary.kind = fields.text("kind");
  dictionary.width = count(fields, "width");
  dictionary.settings = read_free_object(fields, "settings");
  dictionary.tokens = count(fields, "tokens");
  dictionary.trained = read_list(fields, "trained", read_quality);
  return dictionary;
}

Result::Spent read_spent(Fields& fields) {
  Result::Spent spent;
  spent.tokens_forward = count(fields, "tokens_forward");
  spent.tokens_backward = count(fields, "tokens_backward");
  spent.queries = count(fields, "queries");
  spent.labels = count(fields, "labels");
  spent.trials = count(fields, "trials");
  spent.charged_flops = read_object(fields, "charged_flops", [](Fields& charged) {
    return Result::ChargedFlops{cost(charged, "0"), cost(charged, "10"), cost(charged, "100")};
  });
  return spent;
}

Result::Calibration read_calibration(Fields& fields) {
  return {read_score_number(fields, "reached"), read_score_number(fields, "reference"), fields.number("tolerance", 0, kLargestScore)};
}

Role read_role(Fields& fields) {
  const std::string name = fields.one_of("role", {"challenger", "baseline", "fusion", "reference"});
  for (const Role role : {Role::challenger, Role::baseline, Role::fusion})
    if (name == name_of(role)) return role;
  return Role::reference;
}

Result::Contestant read_contestant(Fields& fields, const Families& families) {
  Result::Contestant contestant;
  contestant.name = fields.text("name");
  contestant.title = fields.text("title");
  contestant.about = fields.text("about");
  contestant.role = read_role(fields);
  contestant.tag = fields.text_or("tag", "");
  contestant.score = read_object(fields, "scores", [&](Fields& score) { return read_score(score, families); });
  contestant.runs = read_list(fields, "by_seed", [&](Fields& run) { return read_run(run, families); });
  if (fields.has("calibration")) contestant.calibration = read_object(fields, "calibration", read_calibration);
  contestant.under_tuned = fields.text_or("under_tuned", "");
  if (fields.has("under_tuned") && contestant.under_tuned.empty())
    fail("[{}] \"under_tuned\": got an empty text, expected a reason, or no such key", fields.where());
  contestant.unpaid = fields.has("unpaid") && fields.flag("unpaid");
  contestant.ledger = read_object(fields, "ledger", read_spent);
  contestant.ledger.seconds = read_object(fields, "timing", [](Fields& timing) { return cost(timing, "seconds"); });
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
  ruling.interval = read_object(fields, "interval", read_estimate);
  return ruling;
}

Result::Verdict::Failures read_failures(Fields& fields) { return {count(fields, "challengers"), count(fields, "baselines"), count(fields, "organisms")}; }

Result::Threatened read_threatened(Fields& fields) {
  Result::Threatened threatened;
  threatened.threat = fields.text("threat");
  threatened.title = fields.text("title");
  threatened.about = fields.text("about");
  threatened.ruling = read_ruling(fields);
  threatened.challengers = read_object(fields, "challengers", read_estimate);
  threatened.baselines = read_object(fields, "baselines", read_estimate);
  return threatened;
}

Result::Verdict read_verdict(Fields& fields) {
  Result::Verdict verdict;
  verdict.ruling = read_ruling(fields);
  verdict.margin = fields.number("margin", 0, kLargestScore);
  verdict.scope = fields.text("scope");
  verdict.challengers = read_object(fields, "challengers", read_estimate);
  verdict.baselines = read_object(fields, "baselines", read_estimate);
  verdict.marginal = read_object(fields, "marginal", read_estimate);
  verdict.size_matched = read_object(fields, "size_matched", read_estimate);
  verdict.champions = read_object(fields, "champions", read_estimate);
  verdict.failures = read_object(fields, "failures", read_failures);
  if (fields.has("would_settle")) verdict.would_settle = count(fields, "would_settle");
  verdict.all = read_list(fields, "all", read_ruling);
  verdict.rulings = read_list(fields, "rulings", read_threatened);
  verdict.sentence = fields.text("sentence");
  return verdict;
}

Result::Amortised read_amortised(Fields& fields) {
  return {fields.number("share", 0, 1), read_ruling(fields), cost(fields, "challenger_flops"), fields.flag("over_budget")};
}

Result::LedgerSummary read_ledger(Fields& fields) {
  return {cost(fields, "budget_flops"), cost(fields, "dictionary_flops"), read_list(fields, "amortisation", read_amortised)};
}

Result::Control read_control(Fields& fields) {
  Result::Control control;
  control.challenger = fields.text("challenger");
  control.basis = fields.text("basis");
  control.title = fields.text("title");
  control.required = fields.flag("required");
  control.fvu = read_score_number(fields, "fvu");
  control.l0 = read_score_number(fields, "l0");
  control.score = read_object(fields, "score", read_estimate);
  control.difference = read_object(fields, "difference", read_estimate);
  control.beaten = fields.flag("beaten");
  return control;
}

Result::Necessity read_necessity(Fields& fields) {
  return {fields.text("challenger"), fields.flag("passed"), read_list(fields, "controls", read_control), fields.text("sentence")};
}

Result::Tier read_tier(Fields& fields) {
  const auto read_evidence = [](Fields& evidence) {
    return Result::Evidence{evidence.text("text"), evidence.flag("holds"), evidence.integer("tier", 0, kHighestTier)};
  };
  return {fields.integer("value", 0, kHighestTier), fields.integer("most", 0, kHighestTier),
          read_list(fields, "evidence", read_evidence), fields.text("sentence")};
}

Result::Timing read_timing(Fields& fields) {
  const auto read_phase = [](Fields& phase) { return Result::Phase{phase.text("name"), cost(phase, "seconds")}; };
  return {fields.text("started"), cost(fields, "seconds"), fields.text("machine"), read_list(fields, "profile", read_phase)};
}

}  // namespace

Result Result::from_json(const Json& json) {
  Fields fields(json, "result");
  if (const std::string schema = fields.text("schema"); schema != kSchema)
    fail("[result] \"schema\": got \"{}\", expected \"{}\"; what an older fairfight wrote is run again from its card", plain(schema), kSchema);
  Result result;
  result.fairfight = fields.text("fairfight");
  result.fight = read_object(fields, "fight", read_fight);
  result.registration = read_object(fields, "registration", read_registration);
  result.models = read_list(fields, "model", read_model);
  result.dictionary = read_object(fields, "dictionary", read_dictionary);
  result.seeds = fields.integers("seeds", 0, kMost);
  result.dictionary_seeds = fields.integers("dictionary_seeds", 0, kMost);
  const auto& families = result.fight.families;
  result.contestants = read_list(fields, "contestants", [&](Fields& item) { return read_contestant(item, families); });
  result.differences = read_list(fields, "differences", [&](Fields& item) { return read_difference(item, families); });
  result.interval = read_object(fields, "interval", read_interval);
  result.verdict = read_object(fields, "verdict", read_verdict);
  result.ledger = read_object(fields, "ledger", read_ledger);
  result.necessity = read_object(fields, "necessity", read_necessity);
  result.tier = read_object(fields, "tier", read_tier);
  result.sections = read_list(fields, "sections", read_section);
  result.timing = read_object(fields, "timing", read_timing);
  fields.finish();
  result.check();
  return result;
}

Result read_result(const std::filesystem::path& file) {
  const Json json = read_json(file);
  try {
    return Result::from_json(json);
  } catch (const Error& error) {  // which knows no file
    fail("[report] {}: {}", file.string(), error.what());
  }
}

}  // namespace fairfight
