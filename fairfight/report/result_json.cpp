#include <tuple>
#include <utility>

#include "fairfight/base/error.h"
#include "fairfight/report/result.h"

namespace fairfight {
namespace {

constexpr double kLargestScore = 1e9;  // the span of every axis stays finite
constexpr double kLargestCost = 1e40;
constexpr int64_t kMost = INT64_MAX;

using Families = std::vector<Result::Family>;

// ---- reading -------------------------------------------------------------------------------------------------------

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
  Result::Run run{count(fields, "seed"), free_object(fields, "settings"), score_number(fields, "mean"), {}};
  run.families = object(fields, "families", [&](Fields& table) {
    std::vector<double> values;
    for (const auto& family : families) values.push_back(score_number(table, family.name));
    return values;
  });
  return run;
}

Result::Metric read_metric(Fields& fields) {
  return {fields.text("name"), fields.text("title"), score_number(fields, "no_skill"), score_number(fields, "perfect")};
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
  fight.families = list(fields, "families", read_family);
  std::tie(fight.clean, fight.anomalous_per_family) = object(fields, "items", [](Fields& items) {
    return std::pair(count(items, "clean"), count(items, "anomalous_per_family"));
  });
  return fight;
}

Result::Registration read_registration(Fields& fields) {
  return {fields.text("card"), sha256(fields, "sha256"), sha256(fields, "card_sha256")};
}

Result::Model read_model(Fields& fields) {
  return {fields.text("name"), count(fields, "seed"), sha256(fields, "sha256"), free_object(fields, "papers")};
}

Result::Quality read_quality(Fields& fields) {
  Result::Quality quality;
  quality.seed = count(fields, "seed");
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

Result::Ledger read_ledger(Fields& fields) {
  Result::Ledger ledger;
  ledger.tokens_forward = count(fields, "tokens_forward");
  ledger.tokens_backward = count(fields, "tokens_backward");
  ledger.queries = count(fields, "queries");
  ledger.labels = count(fields, "labels");
  ledger.trials = count(fields, "trials");
  ledger.charged_flops = object(fields, "charged_flops", [](Fields& charged) {
    return Result::ChargedFlops{cost(charged, "0"), cost(charged, "10"), cost(charged, "100")};
  });
  ledger.seconds = object(fields, "timing", [](Fields& timing) { return cost(timing, "seconds"); });
  return ledger;
}

Result::Contestant read_contestant(Fields& fields, const Families& families) {
  Result::Contestant contestant;
  contestant.name = fields.text("name");
  contestant.title = fields.text("title");
  contestant.about = fields.text("about");
  contestant.challenger = fields.one_of("role", {"challenger", "baseline"}) == "challenger";
  contestant.score = object(fields, "scores", [&](Fields& score) { return read_score(score, families); });
  contestant.by_seed = list(fields, "by_seed", [&](Fields& run) { return read_run(run, families); });
  contestant.ledger = object(fields, "ledger", read_ledger);
  return contestant;
}

Result::Difference read_difference(Fields& fields, const Families& families) {
  return {fields.text("challenger"), fields.text("baseline"), read_score(fields, families)};
}

Result::Interval read_interval(Fields& fields) {
  return {fields.number("level", 0.5, 1), fields.text("method"), count(fields, "resamples")};
}

Result::Leader read_leader(Fields& fields) { return {fields.text("name"), fields.text("sentence")}; }

Result::Timing read_timing(Fields& fields) {
  return {fields.text("started"), cost(fields, "seconds"), fields.text("machine")};
}

// ---- writing -------------------------------------------------------------------------------------------------------

template <class List, class Write>
Json list(const List& items, Write write) {
  Json array = Json::array();
  for (const auto& item : items) array.push_back(write(item));
  return array;
}

template <class List, class Write>
Json by_family(const List& values, const Families& families, Write write) {
  Json table = Json::object();
  for (size_t i = 0; i < families.size(); ++i) table[families[i].name] = write(values[i]);
  return table;
}

Json json(const Estimate& estimate) {
  return {{"value", estimate.value}, {"low", estimate.low}, {"high", estimate.high}};
}

Json json(const Result::Score& score, const Families& families) {
  return {{"mean", json(score.mean)},
          {"families", by_family(score.families, families, [](const Estimate& estimate) { return json(estimate); })}};
}

Json json(const Result::Run& run, const Families& families) {
  return {{"seed", run.seed},
          {"settings", run.settings},
          {"mean", run.mean},
          {"families", by_family(run.families, families, [](double value) { return Json(value); })}};
}

Json json(const Result::Fight& fight) {
  const auto& metric = fight.metric;
  return {{"name", fight.name},
          {"title", fight.title},
          {"question", fight.question},
          {"prediction", fight.prediction},
          {"discipline", fight.discipline},
          {"site", fight.site},
          {"metric",
           {{"name", metric.name}, {"title", metric.title}, {"no_skill", metric.no_skill}, {"perfect", metric.perfect}}},
          {"families", list(fight.families,
                            [](const auto& family) -> Json { return {{"name", family.name}, {"about", family.about}}; })},
          {"items", {{"clean", fight.clean}, {"anomalous_per_family", fight.anomalous_per_family}}}};
}

Json json(const Result::Model& model) {
  return {{"name", model.name}, {"seed", model.seed}, {"sha256", model.sha256}, {"papers", model.papers}};
}

Json json(const Result::Quality& quality) {
  return {{"seed", quality.seed},
          {"fvu", quality.fvu},
          {"explained_variance", quality.explained_variance},
          {"l0", quality.l0},
          {"dead", quality.dead},
          {"delta_ce", quality.delta_ce},
          {"ce_recovered", quality.ce_recovered},
          {"kl", quality.kl}};
}

Json json(const Result::Dictionary& dictionary) {
  return {{"kind", dictionary.kind},
          {"site", dictionary.site},
          {"width", dictionary.width},
          {"settings", dictionary.settings},
          {"tokens", dictionary.tokens},
          {"trained", list(dictionary.trained, [](const auto& quality) { return json(quality); })}};
}

Json json(const Result::Ledger& ledger) {
  const auto& charged = ledger.charged_flops;
  return {{"tokens_forward", ledger.tokens_forward},
          {"tokens_backward", ledger.tokens_backward},
          {"queries", ledger.queries},
          {"labels", ledger.labels},
          {"trials", ledger.trials},
          {"charged_flops", {{"0", charged.at_0}, {"10", charged.at_10}, {"100", charged.at_100}}},
          {"timing", {{"seconds", ledger.seconds}}}};
}

Json json(const Result::Contestant& contestant, const Families& families) {
  return {{"name", contestant.name},
          {"title", contestant.title},
          {"role", contestant.challenger ? "challenger" : "baseline"},
          {"about", contestant.about},
          {"scores", json(contestant.score, families)},
          {"by_seed", list(contestant.by_seed, [&](const auto& run) { return json(run, families); })},
          {"ledger", json(contestant.ledger)}};
}

Json json(const Result::Difference& difference, const Families& families) {
  Json pair = {{"challenger", difference.challenger}, {"baseline", difference.baseline}};
  pair.update(json(difference.score, families));
  return pair;
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
  const auto& families = result.fight.families;
  result.contestants = list(fields, "contestants", [&](Fields& item) { return read_contestant(item, families); });
  result.differences = list(fields, "differences", [&](Fields& item) { return read_difference(item, families); });
  result.interval = object(fields, "interval", read_interval);
  result.leader = object(fields, "leader", read_leader);
  result.timing = object(fields, "timing", read_timing);
  fields.finish();
  result.check();
  return result;
}

Json Result::to_json() const {
  check();
  const auto& families = fight.families;
  return {{"schema", kSchema},
          {"fairfight", fairfight},
          {"fight", json(fight)},
          {"registration",
           {{"card", registration.card}, {"sha256", registration.sha256}, {"card_sha256", registration.card_sha256}}},
          {"model", list(models, [](const auto& model) { return json(model); })},
          {"dictionary", json(dictionary)},
          {"seeds", seeds},
          {"contestants", list(contestants, [&](const auto& contestant) { return json(contestant, families); })},
          {"differences", list(differences, [&](const auto& difference) { return json(difference, families); })},
          {"interval", {{"level", interval.level}, {"method", interval.method}, {"resamples", interval.resamples}}},
          {"leader", {{"name", leader.name}, {"sentence", leader.sentence}}},
          {"timing", {{"started", timing.started}, {"seconds", timing.seconds}, {"machine", timing.machine}}}};
}

}  // namespace fairfight
