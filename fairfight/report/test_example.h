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
  for (auto* field : {&fight.title, &fight.question, &fight.prediction, &fight.discipline, &fight.site, &fight.metric.title,
                      &fight.families[0].about, &result.fairfight, &result.registration.card, &result.models[0].name,
                      &result.dictionary.kind, &result.dictionary.site, &result.contestants[0].title,
                      &result.contestants[0].about, &result.interval.method, &result.leader.sentence, &result.timing.started,
                      &result.timing.machine})
    *field = text;
  const Json free = {{text, {{"list", {text, {{text, text}}}}}}};
  result.models[1].papers = result.dictionary.settings = result.contestants[0].by_seed[0].settings = free;
  return result;
}

}  // namespace fairfight
