#include "fairfight/report/html.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "fairfight/report/html_parts.h"
#include "fairfight/report/page.h"
#include "fairfight/report/statement.h"
#include "fairfight/report/style.h"
#include "fairfight/report/svg.h"
#include "fairfight/report/text.h"

namespace fairfight {
namespace {

std::string heading(const Result& result) {
  const auto& fight = result.fight;
  return fmt::format(R"(<header>
<p class="kicker">fairfight · {} · prediction {}</p>
<h1>{}</h1>
<p class="question">{}</p>
</header>
)",
                     escape(spoken(fight.name)), escape(fight.prediction), escape(fight.title), escape(fight.question));
}

/// "300 clean, 300 in each of 8 families"
std::string test_items(const Result::Fight& fight) {
  const std::string clean = fight.clean == 0 ? "" : thousands(fight.clean) + " clean, ";
  if (fight.families.size() == 1) return clean + thousands(fight.per_family) + " " + escape(spoken(fight.families[0].name));
  return fmt::format("{}{} in each of {} families", clean, thousands(fight.per_family), fight.families.size());
}

std::string facts(const Result& result) {
  const auto& fight = result.fight;
  std::string contestants;
  for (const auto role : {Result::Role::challenger, Result::Role::baseline, Result::Role::fusion, Result::Role::reference}) {
    const auto count = std::count_if(result.contestants.begin(), result.contestants.end(),
                                     [&](const auto& contestant) { return contestant.role == role; });
    if (count > 0) contestants += (contestants.empty() ? "" : ", ") + counted(count, name_of(role));
  }
  return definitions(
      "facts", boxed("Contestants", contestants) + boxed("Discipline", escape(spoken(fight.discipline))) +
                   boxed("Metric", escape(fight.metric.title)) + boxed(fight.sites.size() == 1 ? "Site" : "Sites", "<code>" + escape(sites_text(result)) + "</code>") +
                   boxed("Seeds", fmt::format("{} × {}", counted(std::ssize(result.seeds), "model"),
                                              std::ssize(result.dictionary_seeds) == 1
                                                  ? "1 dictionary"
                                                  : fmt::format("{} dictionaries", result.dictionary_seeds.size()))) +
                   boxed("Test items a seed", test_items(fight)));
}

std::string reproduction(const Result& result) {
  const auto& [card, sha256, card_sha256] = result.registration;
  const auto& [started, seconds, machine, profile] = result.timing;
  std::string phases;
  for (const auto& phase : profile)
    phases += fmt::format("{}{} {}", phases.empty() ? "" : ", ", escape(spoken(phase.name)), duration(phase.seconds));
  const std::string how = fmt::format(R"(<p>Everything was registered before the first fit. The same card gives the same
numbers, but for the times.</p>
<pre>fairfight fight {} --out D</pre>
)",
                                      escape(card));
  const std::string intervals =
      fmt::format("{}, each end a {} bound; {}, {} resamples", level_of(result), percent(result.interval.bound, 0),
                  escape(result.interval.method), thousands(result.interval.resamples));
  return part(
      "Run it again",
      how + definitions("record",
                        entry("Registration", hash_span(sha256)) + entry("Card", hash_span(card_sha256)) +
                            entry("Seeds", fmt::format("{}; dictionaries {}", fmt::join(result.seeds, ", "),
                                                       fmt::join(result.dictionary_seeds, ", "))) +
                            entry("Intervals", intervals) +
                            entry("Run", fmt::format("{}, {} on {}", escape(started), duration(seconds), escape(machine))) +
                            (phases.empty() ? "" : entry("Time", phases))));
}

std::string footer(const Result& result) {
  return fmt::format("<footer>fairfight {}. Built from result.json ({}); this page loads and runs nothing.</footer>\n",
                     escape(result.fairfight), Result::kSchema);
}

}  // namespace

std::string html_report(const Result& result) {
  std::string body = heading(result) + verdict_html(result) + facts(result);
  for (const auto part_of : {differences_html, scores_html, necessity_html, sections_html, costs_html, audit_html, tier_html,
                             dictionary_html, roster_html, models_html, reproduction})
    body += part_of(result);
  return whole_page(result.fight.title, kPageStyle, body + footer(result));
}

}  // namespace fairfight
