#include "fairfight/board/adjudication.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "fairfight/base/error.h"
#include "fairfight/base/shipped.h"
#include "fairfight/board/predictions.h"
#include "fairfight/io/toml.h"
#include "fairfight/report/text.h"

namespace fairfight {

const Adjudication::Outcome* Adjudication::outcome(std::string_view prediction) const {
  const auto found = std::find_if(outcomes.begin(), outcomes.end(), [&](const auto& o) { return o.prediction == prediction; });
  return found == outcomes.end() ? nullptr : &*found;
}

bool is_signature(std::string_view text) { return text.find_first_not_of(" ") != std::string_view::npos && plain(text) == text; }

bool is_date(std::string_view text) {
  if (text.size() != 7 && text.size() != 10) return false;
  for (size_t i = 0; i < text.size(); ++i)
    if (i == 4 || i == 7 ? text[i] != '-' : !std::isdigit(static_cast<unsigned char>(text[i]))) return false;
  const auto two_digits = [&](size_t at) { return 10 * (text[at] - '0') + text[at + 1] - '0'; };
  const auto within = [](int number, int most) { return number >= 1 && number <= most; };
  return within(two_digits(5), 12) && (text.size() == 7 || within(two_digits(8), 31));
}

Adjudication Adjudication::read(const std::filesystem::path& path) {
  const Json file = read_toml(path);
  Fields fields(file, path.string());
  Adjudication a{fields.text("list"), fields.text("of"), fields.text("by"), fields.text("date"), {}};
  const PredictionList& list = prediction_list(a.list);
  if (!is_signature(a.of) || !is_signature(a.by)) fail("[board] {}: an adjudication is signed: got \"{}\" by \"{}\"", path.string(), plain(a.of), plain(a.by));
  if (!is_date(a.date)) fail("[board] {}: date: got \"{}\", expected one like 2025-03 or 2025-03-13", path.string(), plain(a.date));
  size_t i = 0;
  const Json& given = fields.any("outcome");
  if (!given.is_array() || given.empty()) fail("[board] {}: outcome: expected [[outcome]] tables", path.string());
  for (const Json& table : given) {
    Fields outcome(table, fmt::format("{}: outcome {}", path.string(), ++i));
    Outcome one{outcome.text("prediction"), outcome.flag("came"), outcome.text("reason")};
    outcome.finish();
    list.prediction(one.prediction);
    if (!is_signature(one.reason)) fail("[board] {}: outcome {}: an adjudication gives its reason", path.string(), i);
    if (a.outcome(one.prediction)) fail("[board] {}: {} stands twice", path.string(), one.prediction);
    a.outcomes.push_back(std::move(one));
  }
  fields.finish();
  if (!a.our_own())
    for (const auto& prediction : list.predictions)
      if (!a.outcome(prediction.id)) fail("[board] {}: {} is left out; of a paper, every prediction of the list is ruled on", path.string(), prediction.id);
  return a;
}

std::vector<Adjudication> shipped_adjudications() {
  std::vector<Adjudication> all;
  for (const char* name : {"anthropic-2024-05", "auditing-2025-03", "auditing-2025-03-disputed"}) {
    const auto file = std::string(name) + ".toml";
    all.push_back(Adjudication::read(shipped("board/" + file, "fairfight/board/adjudications/" + file)));
  }
  return all;
}

}  // namespace fairfight
