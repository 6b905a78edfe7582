#pragma once
#include <filesystem>

#include "fairfight/report/result.h"

namespace fairfight {

/// The files of reference/: a complete example result, with invented numbers, and what the terminal shows of it.
inline std::filesystem::path reference_file(const std::string& name) {
  return std::filesystem::path(FAIRFIGHT_ROOT) / "fairfight/report/reference" / name;
}
inline Json example_json() { return read_json(reference_file("anomaly_example.json")); }
inline Result example_result() { return Result::from_json(example_json()); }

/// The same with text that wants to break out, wherever a result has free text.
inline Result hostile_result(const std::string& text) {
  Result result = example_result();
  auto& fight = result.fight;
  auto& controls = result.necessity.controls;
  for (auto* field : {&fight.title, &fight.question, &fight.prediction, &fight.discipline, &fight.site, &fight.metric.title,
                      &fight.families[0].about, &fight.secondary[0].title, &result.fairfight, &result.registration.card,
                      &result.models[0].name, &result.dictionary.kind, &result.dictionary.site, &result.interval.method,
                      &result.verdict.sentence, &controls[0].title, &controls[0].basis, &result.necessity.sentence,
                      &result.tier.sentence, &result.tier.evidence[0].text, &result.timing.started, &result.timing.machine,
                      &result.timing.profile[0].name})
    *field = text;
  for (auto& contestant : result.contestants) contestant.title = contestant.about = contestant.starved = text;
  const Json free = {{text, {{"list", {text, {{text, text}}}}}}};
  result.models[1].papers = result.dictionary.settings = result.contestants[0].runs[0].settings = free;
  return result;
}

}  // namespace fairfight
