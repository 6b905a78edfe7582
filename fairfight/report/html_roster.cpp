#include <fmt/format.h>

#include <algorithm>

#include "fairfight/report/datasheet.h"
#include "fairfight/report/html_parts.h"
#include "fairfight/report/page.h"
#include "fairfight/report/statement.h"
#include "fairfight/report/svg.h"
#include "fairfight/report/tables.h"
#include "fairfight/report/text.h"

namespace fairfight {
namespace {

using Role = Result::Role;

/// The settings that validation chose; where runs differ, the most frequent first.
std::string chosen(const Result::Contestant& contestant) {
  std::vector<std::pair<std::string, size_t>> settings;
  for (const auto& run : contestant.runs) {
    const std::string text = settings_text(run.settings);
    const auto found =
        std::find_if(settings.begin(), settings.end(), [&](const auto& other) { return other.first == text; });
    if (found == settings.end())
      settings.emplace_back(text, 1);
    else
      ++found->second;
  }
  if (settings.size() == 1) return escape(settings[0].first);
  std::stable_sort(settings.begin(), settings.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string all;
  for (const auto& [text, runs] : settings)
    all += fmt::format("{}{} ({} of {} runs)", all.empty() ? "" : "; ", escape(text), runs, contestant.runs.size());
  return all;
}

/// Validation beside test, run by run: how far the choice was one of luck.
std::string runs_html(const Result::Contestant& contestant) {
  if (!contestant.handed_in()) return "Nothing: no trial was allowed and paid for";
  double validation = 0, test = 0;
  for (const auto& run : contestant.runs) {
    validation += run.validation / double(contestant.runs.size());
    test += run.mean / double(contestant.runs.size());
  }
  return fmt::format("Chosen: {}. {} on validation, {} on test", chosen(contestant), fixed(validation, 3), fixed(test, 3));
}

std::string of_role(const Result& result, Role role) {
  std::string entries;
  int64_t count = 0;
  for (const auto* contestant : result.ranked()) {
    if (contestant->role != role) continue;
    ++count;
    entries += entry(titled_with_tag(*contestant),
                     fmt::format("{}<span class=\"chosen\">{}, mean of {}.</span>", escape(contestant->about), runs_html(*contestant),
                                 counted(std::ssize(contestant->runs), "run")));
  }
  return count == 0 ? "" : folded(counted(count, name_of(role)), definitions("roster", entries));
}

}  // namespace

std::string dictionary_html(const Result& result) {
  const auto& dictionary = result.dictionary;
  const std::string caption = fmt::format(
      "Trained on {} tokens at <code>{}</code>; {}. FVU is the fraction of variance unexplained, of rows that it learned from; cross-entropy and KL "
      "divergence, in nats a token, compare the model with its activations replaced by their reconstruction. {}",
      thousands(dictionary.tokens), escape(sites_text(result)), escape(settings_text(dictionary.settings)), escape(sinks_sentence(result)));
  return part("The dictionary", figure(fmt::format("{}, {} features", escape(dictionary.kind), thousands(dictionary.width)),
                                       caption, quality_table(result)));
}

std::string roster_html(const Result& result) {
  return part("The contestants",
              of_role(result, Role::challenger) + of_role(result, Role::baseline) + of_role(result, Role::fusion) + of_role(result, Role::reference));
}

std::string models_html(const Result& result) {
  std::string html;
  for (const auto& model : result.models)
    html += folded(fmt::format("{}, seed {}", escape(model.name), model.seed),
                   fmt::format("<p>{}{}</p>\n{}\n", hash_span(model.sha256),
                               model.revision.empty() ? "" : fmt::format(", <span class=\"hash\">commit {}</span>", escape(model.revision)),
                               datasheet_html(model.datasheet)));
  return part("The models’ datasheets", html);
}

}  // namespace fairfight
