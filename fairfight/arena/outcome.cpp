#include "fairfight/arena/outcome.h"

#include <algorithm>

#include "fairfight/base/error.h"

namespace fairfight {
namespace {

Json to_json(const Effects& effects) { return {{"values", effects.values}, {"errors", effects.errors}}; }
Effects read_effects(const Json& json) { return {json.at("values").get<SideEffects>(), json.at("errors").get<SideEffects>()}; }

}  // namespace

size_t affordable(const std::vector<Trial>& trials, double budget, double charge) {
  if (budget == 0) return trials.size();
  const auto first_too_many = std::find_if(trials.begin(), trials.end(), [&](const Trial& t) { return t.flops + charge > budget; });
  return size_t(first_too_many - trials.begin());  // spending only grows
}

std::optional<size_t> best_trial(const std::vector<Trial>& trials, double budget, double charge) {
  const auto end = trials.begin() + int64_t(affordable(trials, budget, charge));
  std::optional<size_t> best;
  for (auto t = trials.begin(); t != end; ++t)
    if (t->validation.allowed && (!best || t->validation.score > trials[*best].validation.score)) best = size_t(t - trials.begin());
  return best;
}

Json Run::json() const {
  Json json{{"trials", Json::array()}, {"scores", Json::array()}, {"attacked", Json::array()}, {"findings", findings}, {"ledger", ledger.json()}};
  for (const Trial& t : trials)
    json["trials"].push_back({{"settings", t.settings.json()}, {"score", t.validation.score}, {"side_effects", to_json(t.validation.side_effects)}, {"note", t.validation.note}, {"allowed", t.validation.allowed}, {"flops", t.flops}, {"tag", t.tag}});
  for (const auto& [threat, left] : attacked) json["attacked"].push_back({{"threat", threat}, {"validation", left.validation}, {"groups", left.scores}, {"gone", left.gone}});
  for (const auto& [trial, groups] : scores) json["scores"].push_back({{"trial", trial}, {"groups", groups}, {"side_effects", to_json(side_effects.at(trial))}});
  return json;
}

Run Run::read(const Json& json) {
  Run run;
  for (const auto& t : json.at("trials"))
    run.trials.push_back({Settings(t.at("settings")), {t.at("score").get<double>(), read_effects(t.at("side_effects")), t.at("note").get<std::string>(), 0, t.at("allowed").get<bool>()}, t.at("flops").get<int64_t>(), t.at("tag").get<std::string>()});
  for (const auto& s : json.at("scores")) {
    const auto trial = s.at("trial").get<size_t>();
    run.scores[trial] = s.at("groups").get<ItemScores>();
    run.side_effects[trial] = read_effects(s.at("side_effects"));
  }
  for (const auto& a : json.at("attacked")) run.attacked[a.at("threat").get<std::string>()] = {a.at("validation").get<double>(), a.at("groups").get<ItemScores>(), a.at("gone").get<bool>()};
  run.findings = json.at("findings").get<std::map<std::string, double>>();
  run.ledger = Ledger::read(json.at("ledger"));
  return run;
}

const Entry& RoundOutcome::entry(size_t contestant, const std::string& basis) const {
  for (const auto& e : entries)
    if (e.contestant == contestant && e.basis == basis) return e;
  fail("[outcome] there is no run of contestant {} with the basis \"{}\"", contestant, basis);
}

bool RoundOutcome::has(size_t contestant, const std::string& basis) const {
  return std::any_of(entries.begin(), entries.end(), [&](const Entry& e) { return e.contestant == contestant && e.basis == basis; });
}

std::optional<size_t> champion_of(const std::vector<ContestantInfo>& contestants, std::span<const RoundOutcome> outcomes, Role role,
                                  const std::string& basis, double no_skill) {
  std::optional<size_t> best;
  double best_validation = 0;
  for (size_t c = 0; c < contestants.size(); ++c) {
    if (contestants[c].role != role) continue;
    double sum = 0;
    size_t runs = 0;
    for (const auto& outcome : outcomes)
      for (const Run& run : outcome.entry(c, basis).runs) {
        sum += run.chosen[kPrimary] ? run.trials[*run.chosen[kPrimary]].validation.score : no_skill;
        ++runs;
      }
    if (!best || sum / double(runs) > best_validation) {
      best = c;
      best_validation = sum / double(runs);
    }
  }
  return best;
}

}  // namespace fairfight
