#include "fairfight/report/json_parts.h"
#include "fairfight/report/result.h"

namespace fairfight {
namespace {

/// {"name of the first": its value, ...}
template <class Named, class Values, class Write>
Json table_of(const Named& named, const Values& values, Write write) {
  Json object = Json::object();
  for (size_t i = 0; i < named.size(); ++i) object[named[i].name] = write(values[i]);
  return object;
}

Json number(double value) { return value; }

Json json(const Result::Score& score, const Result::Fight& fight) {
  return {{"mean", written_estimate(score.mean)},
          {"families", table_of(fight.families, score.families, written_estimate)}};
}

Json json(const Result::Run& run, const Result::Fight& fight) {
  Json json = {{"seed", run.seed}};
  if (run.dictionary_seed != -1) json["dictionary_seed"] = run.dictionary_seed;
  json["settings"] = run.settings;
  json["validation"] = run.validation;
  json["mean"] = run.mean;
  json["families"] = table_of(fight.families, run.families, number);
  for (const auto& limit : run.limits) json["limits"].push_back({{"name", limit.name}, {"value", limit.value}, {"error", limit.error}, {"kept", limit.kept}});
  if (run.nothing) json["nothing"] = true;
  return json;
}

Json json(const Result::Metric& metric) {
  Json json = {{"name", metric.name},
               {"title", metric.title},
               {"no_skill", metric.no_skill},
               {"perfect", metric.perfect},
               {"of_no_skill", metric.of_no_skill},
               {"of_perfect", metric.of_perfect}};
  if (!metric.below.empty()) json["below"] = metric.below;
  if (!metric.above.empty()) json["above"] = metric.above;
  if (!metric.says.empty()) json["says"] = metric.says;
  return json;
}

Json json(const Result::Fight& fight) {
  return {{"name", fight.name},
          {"title", fight.title},
          {"question", fight.question},
          {"prediction", fight.prediction},
          {"discipline", fight.discipline},
          {"sites", fight.sites},
          {"metric", json(fight.metric)},
          {"families", written_list(fight.families,
                                    [](const auto& family) -> Json {
                                      return {{"name", family.name}, {"about", family.about}};
                                    })},
          {"items", {{"clean", fight.clean}, {"per_family", fight.per_family}}},
          {"trials", fight.trials}};
}

Json json(const Result::Model& model) {
  Json json{{"name", model.name}, {"seed", model.seed}, {"sha256", model.sha256}, {"datasheet", model.datasheet}};
  if (!model.revision.empty()) json["revision"] = model.revision;
  if (!model.sinks.empty()) json["sinks"] = written_list(model.sinks, [](const auto& s) -> Json {
                              return {{"site", s.site}, {"rows", s.rows}, {"left_out", s.left_out}, {"median_norm", s.median_norm}, {"most_norm", s.most_norm}, {"tested", s.tested}, {"tested_left_out", s.tested_left_out}};
                            });
  return json;
}

Json json(const Result::Quality& quality) {
  Json json{{"seed", quality.seed},
            {"dictionary_seed", quality.dictionary_seed},
            {"site", quality.site},
            {"fvu", quality.fvu},
            {"explained_variance", quality.explained_variance},
            {"l0", quality.l0},
            {"dead", quality.dead}};
  if (const auto& spliced = quality.spliced) json.update({{"delta_ce", spliced->delta_ce}, {"ce_recovered", spliced->ce_recovered}, {"kl", spliced->kl}});
  return json;
}

Json json(const Result::Dictionary& dictionary) {
  return {{"kind", dictionary.kind},
          {"width", dictionary.width},
          {"settings", dictionary.settings},
          {"tokens", dictionary.tokens},
          {"trained", written_list(dictionary.trained, [](const auto& quality) { return json(quality); })}};
}

Json json(const Result::Spent& spent) {
  const auto& charged = spent.charged_flops;
  return {{"tokens_forward", spent.tokens_forward},
          {"tokens_backward", spent.tokens_backward},
          {"queries", spent.queries},
          {"labels", spent.labels},
          {"trials", spent.trials},
          {"charged_flops", {{"0", charged.at_0}, {"10", charged.at_10}, {"100", charged.at_100}}}};
}

Json json(const Result::Contestant& contestant, const Result::Fight& fight) {
  Json json_of = {{"name", contestant.name},
                  {"title", contestant.title},
                  {"about", contestant.about},
                  {"role", name_of(contestant.role)}};
  if (!contestant.tag.empty()) json_of["tag"] = contestant.tag;
  json_of["scores"] = json(contestant.score, fight);
  json_of["by_seed"] = written_list(contestant.runs, [&](const auto& run) { return json(run, fight); });
  if (const auto& calibration = contestant.calibration)
    json_of["calibration"] = {
        {"reached", calibration->reached}, {"reference", calibration->reference}, {"tolerance", calibration->tolerance}};
  if (!contestant.under_tuned.empty()) json_of["under_tuned"] = contestant.under_tuned;
  if (contestant.unpaid) json_of["unpaid"] = true;
  json_of["ledger"] = json(contestant.ledger);
  json_of["timing"] = {{"seconds", contestant.ledger.seconds}};
  return json_of;
}

Json json(const Result::Difference& difference, const Result::Fight& fight) {
  Json pair = {{"challenger", difference.challenger}, {"baseline", difference.baseline}};
  pair.update(json(difference.score, fight));
  return pair;
}

Json json(const Result::Ruling& ruling) {
  return {{"label", name_of(ruling.label)}, {"beats", ruling.beats}, {"competitive", ruling.competitive}, {"challenger", ruling.challenger}, {"against", ruling.against}, {"interval", written_estimate(ruling.interval)}};
}

Json json(const Result::Threatened& threatened) {
  Json json_of = {{"threat", threatened.threat}, {"title", threatened.title}, {"about", threatened.about}};
  json_of.update(json(threatened.ruling));
  json_of["challengers"] = written_estimate(threatened.challengers);
  json_of["baselines"] = written_estimate(threatened.baselines);
  return json_of;
}

Json json(const Result::Verdict& verdict) {
  Json json_of = json(verdict.ruling);
  json_of["margin"] = verdict.margin;
  json_of["scope"] = verdict.scope;
  json_of["challengers"] = written_estimate(verdict.challengers);
  json_of["baselines"] = written_estimate(verdict.baselines);
  json_of["marginal"] = written_estimate(verdict.marginal);
  json_of["size_matched"] = written_estimate(verdict.size_matched);
  json_of["champions"] = written_estimate(verdict.champions);
  json_of["failures"] = {{"challengers", verdict.failures.challengers}, {"baselines", verdict.failures.baselines}, {"organisms", verdict.failures.organisms}};
  if (verdict.would_settle > 0) json_of["would_settle"] = verdict.would_settle;
  json_of["sentence"] = verdict.sentence;
  json_of["all"] = written_list(verdict.all, [](const auto& ruling) { return json(ruling); });
  json_of["rulings"] = written_list(verdict.rulings, [](const auto& threatened) { return json(threatened); });
  return json_of;
}

Json json(const Result::Amortised& amortised) {
  Json json_of = {{"share", amortised.share}};
  json_of.update(json(amortised.ruling));
  json_of["challenger_flops"] = amortised.challenger_flops;
  json_of["over_budget"] = amortised.over_budget;
  return json_of;
}

Json json(const Result::LedgerSummary& ledger) {
  return {{"budget_flops", ledger.budget_flops},
          {"dictionary_flops", ledger.dictionary_flops},
          {"amortisation", written_list(ledger.amortisation, [](const auto& amortised) { return json(amortised); })}};
}

Json json(const Result::Control& control) {
  return {{"challenger", control.challenger},
          {"basis", control.basis},
          {"title", control.title},
          {"required", control.required},
          {"fvu", control.fvu},
          {"l0", control.l0},
          {"score", written_estimate(control.score)},
          {"difference", written_estimate(control.difference)},
          {"beaten", control.beaten}};
}

Json json(const Result::Necessity& necessity) {
  return {{"challenger", necessity.challenger},
          {"passed", necessity.passed},
          {"sentence", necessity.sentence},
          {"controls", written_list(necessity.controls, [](const auto& control) { return json(control); })}};
}

Json json(const Result::Tier& tier) {
  return {{"value", tier.value},
          {"most", tier.most},
          {"sentence", tier.sentence},
          {"evidence", written_list(tier.evidence, [](const auto& evidence) -> Json {
             return {{"text", evidence.text}, {"holds", evidence.holds}, {"tier", evidence.tier}};
           })}};
}

Json json(const Result::Timing& timing) {
  return {{"started", timing.started},
          {"seconds", timing.seconds},
          {"machine", timing.machine},
          {"profile", written_list(timing.profile, [](const auto& phase) -> Json {
             return {{"name", phase.name}, {"seconds", phase.seconds}};
           })}};
}

}  // namespace

Json Result::to_json() const {
  check();
  return {{"schema", kSchema},
          {"fairfight", fairfight},
          {"fight", json(fight)},
          {"registration",
           {{"card", registration.card}, {"sha256", registration.sha256}, {"card_sha256", registration.card_sha256}}},
          {"model", written_list(models, [](const auto& model) { return json(model); })},
          {"dictionary", json(dictionary)},
          {"seeds", seeds},
          {"dictionary_seeds", dictionary_seeds},
          {"contestants", written_list(contestants, [&](const auto& contestant) { return json(contestant, fight); })},
          {"differences", written_list(differences, [&](const auto& difference) { return json(difference, fight); })},
          {"interval",
           {{"level", interval.level},
            {"bound", interval.bound},
            {"method", interval.method},
            {"resamples", interval.resamples}}},
          {"verdict", json(verdict)},
          {"ledger", json(ledger)},
          {"necessity", json(necessity)},
          {"tier", json(tier)},
          {"sections", written_list(sections, written_section)},
          {"timing", json(timing)}};
}

}  // namespace fairfight
