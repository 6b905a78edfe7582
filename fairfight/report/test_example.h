#pragma once
#include <filesystem>

#include "fairfight/report/result.h"

namespace fairfight {

/// The files of reference/: a complete example result of either discipline, with invented numbers, and what the terminal
/// shows of it.
inline std::filesystem::path reference_file(const std::string& name) {
  return std::filesystem::path(FAIRFIGHT_ROOT) / "fairfight/report/reference" / name;
}
inline Json example_json() { return read_json(reference_file("anomaly_example.json")); }
inline Json patch_json() { return read_json(reference_file("patch_example.json")); }
inline Result example_result() { return Result::from_json(example_json()); }
inline Result patch_result() { return Result::from_json(patch_json()); }

/// A result with text that wants to break out, wherever it has free text.
inline Result hostile(Result result, const std::string& text) {
  auto& fight = result.fight;
  auto& controls = result.necessity.controls;
  for (auto* field : {&fight.title, &fight.question, &fight.prediction, &fight.site, &fight.metric.title,
                      &fight.families[0].about, &fight.secondary[0].title, &result.fairfight, &result.registration.card,
                      &result.models[0].name, &result.dictionary.kind, &result.dictionary.site, &result.interval.method,
                      &result.verdict.sentence, &controls[0].title, &controls[0].basis, &result.necessity.sentence,
                      &result.tier.sentence, &result.tier.evidence[0].text, &result.models[1].revision, &result.timing.started, &result.timing.machine,
                      &result.timing.profile[0].name})
    *field = text;
  if (!result.of_patches()) fight.discipline = text;
  for (auto& contestant : result.contestants) contestant.title = contestant.about = contestant.starved = text;
  if (auto& effects = result.side_effects) effects->text = effects->abilities[0] = text;
  if (auto& robustness = result.robustness) robustness->attacks[0].title = robustness->attacks[0].about = text;
  if (auto& certificate = result.certificate)
    certificate->sentence = certificate->levels[0].text = certificate->levels[0].evidence = certificate->levels[5].name = text;
  const Json free = {{text, {{"list", {text, {{text, text}}}}}}};
  result.models[1].papers = result.dictionary.settings = result.contestants[0].runs[0].settings = free;
  return result;
}
inline Result hostile_result(const std::string& text) { return hostile(example_result(), text); }
inline Result hostile_patches(const std::string& text) { return hostile(patch_result(), text); }

}  // namespace fairfight
