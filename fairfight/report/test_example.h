#pragma once
#include <algorithm>
#include <filesystem>

#include "fairfight/base/error.h"
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

/// How often `what` stands in a text.
inline size_t times(const std::string& text, const std::string& what) {
  size_t found = 0;
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
  return found;
}

/// A section's body, to be changed.
template <class Shape>
Shape& body_of(Result& result, std::string_view id) {
  for (auto& section : result.sections)
    if (section.id == id) return std::get<Shape>(section.body);
  fail("[test] there is no section {}", id);
}

/// The example with a section of each shape in the words of a discipline that nobody has heard of.
inline Result bakery_result() {
  using Form = Section::Form;
  Result result = example_result();
  result.fight.metric = {"rise", "rise", 0, 1, "flat bread", "a brioche", "it fell in the oven", "it left the tin", "raises {} of the dough"};
  Section::Table crusts{{{"crunch", "crunch", "how loud it breaks", Form::number, 0.5, 2.5, 2.0},
                         {"crumbs", "crumbs", "", Form::count, {}, {}, 0},
                         {"eaten", "eaten", "", Form::percent},
                         {"burnt", "burnt", "", Form::share},
                         {"weight", "weight", "before and after", Form::change}},
                        {{"knn", {{{1.5, 1.25, 1.75}}, {{12345, 12345, 12345}}, {{0.995, 0.99, 1}}, {{0.001, 0.001, 0.001}}, {}}},
                         {"feature_rarity", {{{0.25, 0.25, 0.25}}, {}, {{0.5, 0.5, 0.5}}, {{0, 0, 0}}, {{0.04, 0.03, 0.05}}}}},
                        true};
  Section::Curves ovens{"degrees", "crunch", "A tenfold fire", Form::number, true, {0, 10, 100}, {{"reconstruction_error", {{1, 0.9, 1.1}, {2, 1.9, 2.1}, {3, 2.9, 3.1}}}, {"knn", {{1, 1, 1}}}}, {{"reconstruction_error", {1, 0.5, 1.5}}}};
  Section::Scatter loaves{{{"rise", "rise"},
                           {"flour", "flour", "what it costs the miller", "sacks", Form::number, 4},
                           {"praise", "praise", "what the neighbours say", "", Form::percent, 0.5, false}},
                          {{"knn", {{0, -1, {0.7, 2, 0.75}, true, true}, {0, -1, {0.8, 8, 0.75}, false, false, {{"salt", 3}}, "it burnt"}}},
                           {"feature_rarity", {{1, 2, {0.6, 3, 0.9}, true, true}}}}};
  Section::Checklist kitchen{false, {{"", "the baker washed", true, "seen by two"}, {"", "the oven was clean", false}}};
  result.sections = {{"crusts", "What the crust says", "Crusts", "Every crust was broken once.", crusts},
                     {"ovens", "What the crust says", "Hotter ovens", "The same dough in a hotter oven.", ovens},
                     {"loaves", "What a loaf costs", "Loaves", "", loaves},
                     {"kitchen", "Was the kitchen clean?", "", "It was clean enough.", kitchen}};
  return result;
}

/// A result with text that wants to break out, wherever it has free text.
inline Result hostile(Result result, const std::string& text) {
  auto& fight = result.fight;
  auto& controls = result.necessity.controls;
  auto& metric = fight.metric;
  for (auto* field : {&fight.title, &fight.question, &fight.prediction, &fight.discipline, &fight.sites[0], &metric.title, &metric.of_no_skill, &metric.of_perfect,
                      &fight.families[0].about, &result.fairfight, &result.registration.card,
                      &result.models[0].name, &result.dictionary.kind, &result.interval.method,
                      &result.verdict.sentence, &controls[0].title, &controls[0].basis, &result.necessity.sentence,
                      &result.tier.sentence, &result.tier.evidence[0].text, &result.models[1].revision, &result.timing.started, &result.timing.machine,
                      &result.timing.profile[0].name})
    *field = text;
  if (!metric.below.empty()) metric.below = text;
  if (!metric.above.empty()) metric.above = text;
  for (auto& contestant : result.contestants) contestant.title = contestant.about = contestant.under_tuned = contestant.tag = text;
  for (auto& section : result.sections) {
    section.title = section.heading = section.caption = text;
    if (auto* table = std::get_if<Section::Table>(&section.body)) table->columns[0].title = table->columns[0].about = text;
    if (auto* curves = std::get_if<Section::Curves>(&section.body)) curves->x = curves->y = curves->amount = text;
    if (auto* scatter = std::get_if<Section::Scatter>(&section.body))
      for (auto& axis : scatter->axes) axis.title = axis.about = axis.unit = text;
    if (auto* list = std::get_if<Section::Checklist>(&section.body)) {
      list->items[0].text = list->items[0].evidence = text;
      if (list->ladder) list->items[3].name = text;  // the one that is reached
    }
  }
  const Json free = {{text, {{"list", {text, {{text, text}}}}}}};
  result.models[1].datasheet = result.dictionary.settings = result.contestants[0].runs[0].settings = free;
  return result;
}
inline Result hostile_result(const std::string& text) { return hostile(example_result(), text); }
inline Result hostile_patches(const std::string& text) { return hostile(patch_result(), text); }
inline Result hostile_bakery(const std::string& text) { return hostile(bakery_result(), text); }

}  // namespace fairfight
