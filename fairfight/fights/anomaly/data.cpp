#include <fmt/ranges.h>

#include <algorithm>

#include "fairfight/base/error.h"
#include "fairfight/fights/anomaly/ground.h"
#include "fairfight/fights/anomaly/text_anomalies.h"
#include "fairfight/organism/tinytown/anomalies.h"

namespace fairfight {
namespace {

std::vector<Result::Family> known_families(const AnomalyData& data) {
  std::vector<Result::Family> list;
  if (!data.own()) {
    for (const auto& a : tinytown::anomalies()) list.push_back({std::string(a.name), std::string(a.about)});
    return list;
  }
  for (const auto& a : text_anomalies()) list.push_back({std::string(a.name), std::string(a.about)});
  if (!data.other_text.empty()) list.push_back({std::string(kOtherText), "documents of another text: " + data.other_text});
  return list;
}

/// Everything that there is, each rule on its side.
void choose_families(AnomalyData& data) {
  for (const auto& a : text_anomalies()) (a.tested ? data.families : data.validation_families).emplace_back(a.name);
  if (!data.other_text.empty()) data.families.emplace_back(kOtherText);
}

}  // namespace

AnomalyData::AnomalyData(const Json& json) {
  Fields f(json, "card.data");
  pool = size_t(f.integer("pool", 100, 10'000'000));
  validation = size_t(f.integer("validation", 20, 100'000));
  calibration = size_t(f.integer("calibration", 20, 100'000));
  labelled = size_t(f.integer("labelled", 20, 100'000));
  test = size_t(f.integer("test", 20, 100'000));
  if (f.has("text")) {
    text = f.text("text");
    other_text = f.text_or("other_text", "");
    field = f.text_or("field", field);
    passage = size_t(f.integer_or("passage", int64_t(passage), 16, 100'000));
  }
  if (own() && !f.has("families") && !f.has("validation_families")) {
    choose_families(*this);
  } else {
    families = f.texts("families");
    validation_families = f.texts("validation_families");
  }
  f.finish();
  if (families.empty() || validation_families.empty()) fail("[card.data] \"families\" and \"validation_families\" need one name at least");
  const auto known = known_families(*this);
  for (const auto* list : {&families, &validation_families})
    for (const auto& name : *list)
      if (std::none_of(known.begin(), known.end(), [&](const auto& k) { return k.name == name; })) {
        std::vector<std::string> names;
        for (const auto& k : known) names.push_back(k.name);
        fail("[card.data] unknown family \"{}\"; there is: {}", name, fmt::join(names, ", "));
      }
  if (!other_text.empty())
    if (std::count(families.begin(), families.end(), kOtherText) + std::count(validation_families.begin(), validation_families.end(), kOtherText) == 0)
      fail("[card.data] \"other_text\" is a file, but no family; add \"{}\" to the families", kOtherText);
  for (const auto& name : validation_families)
    if (std::find(families.begin(), families.end(), name) != families.end())
      fail("[card.data] the family \"{}\" is tested and validated on; a detector must not be tuned on what it is tested on", name);
}

std::vector<Result::Family> families_of(const AnomalyData& data) {
  std::vector<Result::Family> list;
  const auto known = known_families(data);
  for (const auto& name : data.families) list.push_back(*std::find_if(known.begin(), known.end(), [&](const auto& k) { return k.name == name; }));
  return list;
}

}  // namespace fairfight
