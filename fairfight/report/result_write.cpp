#include "fairfight/report/result.h"

namespace fairfight {
namespace {

template <class List, class Write>
Json list(const List& items, Write write) {
  Json array = Json::array();
  for (const auto& item : items) array.push_back(write(item));
  return array;
}

/// {"name of the first": its value, ...}
template <class Named, class Values, class Write>
Json table_of(const Named& named, const Values& values, Write write) {
  Json object = Json::object();
  for (size_t i = 0; i < named.size(); ++i) object[named[i].name] = write(values[i]);
  return object;
}

Json number(double value) { return value; }

Json json(const Estimate& estimate) { return {{"value", estimate.value}, {"low", estimate.low}, {"high", estimate.high}}; }

Json json(const Result::Score& score, const Result::Fight& fight) {
  return {{"mean", json(score.mean)},
          {"families", table_of(fight.families, score.families, [](const Estimate& estimate) { return json(estimate); })}};
}

Json json(const Result::Run& run, const Result::Fight& fight) {
  Json json = {{"seed", run.seed}};
  if (run.dictionary_seed != -1) json["dictionary_seed"] = run.dictionary_seed;
  json["settings"] = run.settings;
  json["validation"] = run.validation;
  json["mean"] = run.mean;
  json["families"] = table_of(fight.families, run.families, number);
  if (run.nothing) json["nothing"] = true;
  return json;
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
          {"secondary", list(fight.secondary,
                             [](const auto& secondary) -> Json {
                               return {{"name", secondary.name}, {"title", secondary.title}, {"ideal", secondary.ideal}};
                             })},
          {"families", list(fight.families,
                            [](const auto& family) -> Json {
                              return {{"name", family.name}, {"about", family.about}};
                            })},
          {"items", {{"clean", fight.clean}, {"per_family", fight.per_family}}}};
}

Json json(const Result::Model& model) {
  Json json{{"name", model.name}, {"seed", model.seed}, {"sha256", model.sha256}, {"papers", model.papers}};
  if (!model.revision.empty()) json["revision"] = model.revision;
  if (const auto& s = model.sinks)
    json["sinks"] = {{"rows", s->rows}, {"left_out", s->left_out}, {"median_norm", s->median_norm}, {"most_norm", s->most_norm}, {"tested", s->tested}, {"tested_left_out", s->tested_left_out}};
  return json;
}

Json json(const Result::Quality& quality) {
  return {{"seed", quality.seed},
          {"dictionary_seed", quality.dictionary_seed},
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
  if (!contestant.form.empty()) json_of["form"] = contestant.form;
  json_of["scores"] = json(contestant.score, fight);
  json_of["secondary"] = table_of(fight.secondary, contestant.secondary, number);
  json_of["by_seed"] = list(contestant.runs, [&](const auto& run) { return json(run, fight); });
  if (const auto& calibration = contestant.calibration)
    json_of["calibration"] = {
        {"reached", calibration->reached}, {"reference", calibration->reference}, {"tolerance", calibration->tolerance}};
  if (!contestant.starved.empty()) json_of["starved"] = contestant.starved;
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
  return {{"label", name_of(ruling.label)},  {"beats", ruling.beats},     {"competitive", ruling.competitive},
          {"challenger", ruling.challenger}, {"against", ruling.against}, {"interval", json(ruling.interval)}};
}

Json json(const Result::Verdict& verdict) {
  Json json_of = json(verdict.ruling);
  json_of["margin"] = verdict.margin;
  json_of["sentence"] = verdict.sentence;
  json_of["all"] = list(verdict.all, [](const auto& ruling) { return json(ruling); });
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
          {"amortisation", list(ledger.amortisation, [](const auto& amortised) { return json(amortised); })}};
}

Json json(const Result::Control& control) {
  return {{"challenger", control.challenger},
          {"basis", control.basis},
          {"title", control.title},
          {"required", control.required},
          {"fvu", control.fvu},
          {"l0", control.l0},
          {"score", json(control.score)},
          {"difference", json(control.difference)},
          {"beaten", control.beaten}};
}

Json json(const Result::Necessity& necessity) {
  return {{"challenger", necessity.challenger},
          {"passed", necessity.passed},
          {"sentence", necessity.sentence},
          {"controls", list(necessity.controls, [](const auto& control) { return json(control); })}};
}

Json json(const Result::Tier& tier) {
  return {{"value", tier.value},
          {"most", tier.most},
          {"sentence", tier.sentence},
          {"evidence", list(tier.evidence, [](const auto& evidence) -> Json {
             return {{"text", evidence.text}, {"holds", evidence.holds}, {"tier", evidence.tier}};
           })}};
}

Json json(const Result::Tuning& tuning) {
  return {{"trials", tuning.trials}, {"curves", list(tuning.curves, [](const auto& curve) -> Json {
                                        return {{"contestant", curve.contestant}, {"expected", curve.expected}};
                                      })}};
}

Json json(const Result::Trial& trial) {
  Json json = {{"seed", trial.seed}};
  if (trial.dictionary_seed != -1) json["dictionary_seed"] = trial.dictionary_seed;
  json["score"] = trial.score;
  json["delta_ce"] = trial.delta_ce;
  json["ability"] = trial.ability;
  json["allowed"] = trial.allowed;
  json["chosen"] = trial.chosen;
  if (!trial.tried.empty()) json["tried"] = trial.tried;
  if (!trial.note.empty()) json["note"] = trial.note;
  return json;
}

Json json(const Result::SideEffects& effects) {
  return {
      {"text", effects.text},
      {"most_delta_ce", effects.most_delta_ce},
      {"least_ability", effects.least_ability},
      {"abilities", effects.abilities},
      {"contestants", list(effects.contestants, [](const auto& of) -> Json {
         return {{"contestant", of.contestant}, {"trials", list(of.trials, [](const auto& trial) { return json(trial); })}};
       })}};
}

Json json(const Result::Robustness& robustness) {
  const auto values = [&](const auto& of) {
    Json values = Json::object();
    for (size_t i = 0; i < of.values.size(); ++i)
      if (of.values[i]) values[robustness.attacks[i].name] = json(*of.values[i]);
    return values;
  };
  return {{"attacks", list(robustness.attacks,
                           [](const auto& attack) -> Json {
                             return {{"name", attack.name},
                                     {"title", attack.title},
                                     {"about", attack.about},
                                     {"worst", attack.worst},
                                     {"best", attack.best}};
                           })},
          {"contestants", list(robustness.contestants, [&](const auto& of) -> Json {
             return {{"contestant", of.contestant}, {"values", values(of)}};
           })}};
}

Json json(const Result::Line& line) {
  return {{"contestant", line.contestant}, {"scores", list(line.scores, [](const auto& score) { return json(score); })}};
}

Json json(const Result::Doses& doses) {
  return {{"shares", doses.shares},
          {"lines", list(doses.lines, [](const auto& line) { return json(line); })},
          {"slopes", list(doses.slopes, [](const auto& slope) -> Json {
             return {{"contestant", slope.contestant}, {"per_decade", json(slope.per_decade)}};
           })}};
}

Json json(const Result::FewShots& few_shots) {
  return {{"examples", few_shots.examples}, {"lines", list(few_shots.lines, [](const auto& line) { return json(line); })}};
}

Json json(const Result::Certificate& certificate) {
  return {{"reached", certificate.reached},
          {"sentence", certificate.sentence},
          {"levels", list(certificate.levels, [](const auto& level) -> Json {
             return {{"name", level.name}, {"text", level.text}, {"holds", level.holds}, {"evidence", level.evidence}};
           })}};
}

Json json(const Result::Timing& timing) {
  return {{"started", timing.started},
          {"seconds", timing.seconds},
          {"machine", timing.machine},
          {"profile", list(timing.profile, [](const auto& phase) -> Json {
             return {{"name", phase.name}, {"seconds", phase.seconds}};
           })}};
}

}  // namespace

Json Result::to_json() const {
  check();
  Json whole = {{"schema", kSchema},
                {"fairfight", fairfight},
                {"fight", json(fight)},
                {"registration",
                 {{"card", registration.card}, {"sha256", registration.sha256}, {"card_sha256", registration.card_sha256}}},
                {"model", list(models, [](const auto& model) { return json(model); })},
                {"dictionary", json(dictionary)},
                {"seeds", seeds},
                {"dictionary_seeds", dictionary_seeds},
                {"contestants", list(contestants, [&](const auto& contestant) { return json(contestant, fight); })},
                {"differences", list(differences, [&](const auto& difference) { return json(difference, fight); })},
                {"interval",
                 {{"level", interval.level},
                  {"bound", interval.bound},
                  {"method", interval.method},
                  {"resamples", interval.resamples}}},
                {"verdict", json(verdict)},
                {"ledger", json(ledger)},
                {"necessity", json(necessity)},
                {"tier", json(tier)},
                {"tuning", json(tuning)}};
  if (side_effects) whole["side_effects"] = json(*side_effects);
  if (robustness) whole["robustness"] = json(*robustness);
  if (doses) whole["doses"] = json(*doses);
  if (few_shots) whole["few_shots"] = json(*few_shots);
  if (certificate) whole["certificate"] = json(*certificate);
  whole["timing"] = json(timing);
  return whole;
}

}  // namespace fairfight
