#include "fairfight/report/html.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "fairfight/report/papers.h"
#include "fairfight/report/plots.h"
#include "fairfight/report/style.h"
#include "fairfight/report/svg.h"
#include "fairfight/report/tables.h"
#include "fairfight/report/text.h"

namespace fairfight {
namespace {

// HTTP-EQUIV in capitals: then a grep for "http" finds nothing in a page, and proves that it has no address to load from.
constexpr std::string_view kHead = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta HTTP-EQUIV="Content-Security-Policy"
  content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>{}</title>
<style>{}</style>
</head>
)";

std::string part(std::string_view title, const std::string& contents) {
  return fmt::format("<section class=\"part\">\n<h2>{}</h2>\n<div>\n{}</div>\n</section>\n", title, contents);
}

std::string figure(std::string_view label, std::string_view caption, const std::string& contents) {
  return fmt::format("<figure>\n<figcaption><b>{}.</b> {}</figcaption>\n{}</figure>\n", label, caption, contents);
}

std::string entry(std::string_view term, std::string_view text) {
  return fmt::format("<dt>{}</dt><dd>{}</dd>\n", term, text);
}

std::string boxed(std::string_view term, std::string_view text) { return "<div>" + entry(term, text) + "</div>\n"; }

std::string list(std::string_view style, const std::string& entries) {
  return fmt::format("<dl class=\"{}\">\n{}</dl>\n", style, entries);
}

std::string hash(std::string_view sha256) { return fmt::format("<span class=\"hash\">sha256 {}</span>", escape(sha256)); }

std::string counted(int64_t amount, std::string_view noun) {
  return fmt::format("{} {}{}", amount, noun, amount == 1 ? "" : "s");
}

std::string level(const Result& result) { return percent(result.interval.level, 0); }

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

/// The answer in one sentence. A judge's verdict has its place here, before the leader.
std::string statement(const Result& result) {
  return fmt::format(R"(<section class="statement" aria-label="Outcome">
<p>{}</p>
<p class="note">A plain statement of what was measured, not a verdict: the leader was picked on the very items that it is
measured on.</p>
</section>
)",
                     escape(result.leader.sentence));
}

std::string facts(const Result& result) {
  const auto& fight = result.fight;
  const auto challengers = std::count_if(result.contestants.begin(), result.contestants.end(),
                                         [](const auto& contestant) { return contestant.challenger; });
  const auto baselines = std::ssize(result.contestants) - challengers;
  return list("facts", boxed("Contestants", counted(challengers, "challenger") + ", " + counted(baselines, "baseline")) +
                           boxed("Discipline", escape(spoken(fight.discipline))) +
                           boxed("Metric", escape(fight.metric.title)) +
                           boxed("Site", "<code>" + escape(fight.site) + "</code>") +
                           boxed("Seeds", fmt::format("{}", fmt::join(result.seeds, ", "))) +
                           boxed("Test items a seed",
                                 fmt::format("{} clean, {} × {} anomalous", thousands(fight.clean), fight.families.size(),
                                             thousands(fight.anomalous_per_family))));
}

std::string differences(const Result& result) {
  const std::string caption = fmt::format(
      "Difference in {}, mean over the families, paired by seed and item. Diamonds carry {} intervals and take a colour "
      "where the interval excludes zero; the small marks below them are the families.",
      escape(result.fight.metric.title), level(result));
  std::string html;
  for (const auto* contestant : result.ranked())
    if (contestant->challenger)
      html += figure(escape(contestant->title) + " minus each baseline", caption,
                     family_legend(result) + forest_plot(result, *contestant));
  return html.empty() ? html : part("Against every baseline", html);
}

std::string scores(const Result& result) {
  const auto& metric = result.fight.metric;
  std::string families;
  for (const auto& family : result.fight.families) families += entry(escape(spoken(family.name)), escape(family.about));
  const std::string measured = fmt::format("{} with {} intervals", escape(metric.title), level(result));
  const std::string tint = fmt::format("{}, below each number. The tint grows from no skill ({:g}) to perfect ({:g}).",
                                       measured, metric.no_skill, metric.perfect);
  const std::string dots = measured + "; faint dots are single seeds, the strong line is no skill. At the right, the mean.";
  return part("Family by family", list("families", families) + figure("Scores", tint, score_table(result)) +
                                      figure("The same, drawn", dots, family_legend(result) + family_plot(result)));
}

/// The settings that validation chose, seed by seed where the seeds differ.
std::string chosen(const Result::Contestant& contestant) {
  const auto& runs = contestant.by_seed;
  const bool same = std::all_of(runs.begin(), runs.end(), [&](const auto& run) { return run.settings == runs[0].settings; });
  if (same) return escape(settings_text(runs[0].settings));
  std::vector<std::string> settings;
  for (const auto& run : runs) settings.push_back(fmt::format("seed {}: {}", run.seed, escape(settings_text(run.settings))));
  return fmt::format("{}", fmt::join(settings, "; "));
}

std::string roster(const Result& result) {
  std::string entries;
  for (const auto* contestant : result.ranked())
    entries += entry(fmt::format("<span class=\"{0}\">{1}</span><span class=\"role\">{0}</span>",
                                 contestant->challenger ? "challenger" : "baseline", escape(contestant->title)),
                     fmt::format("{}<span class=\"chosen\">Chosen on validation: {}</span>", escape(contestant->about),
                                 chosen(*contestant)));
  return part("The contestants", list("roster", entries));
}

std::string costs(const Result& result) {
  constexpr std::string_view kCaption =
      "All seeds together. A challenger also pays for its dictionary’s training; the column at 10 % is the primary one.";
  return part("What it cost", figure("Ledger", kCaption, ledger_table(result)));
}

std::string dictionary(const Result& result) {
  const auto& dictionary = result.dictionary;
  const std::string caption = fmt::format(
      "Trained on {} tokens at <code>{}</code>; {}. FVU is the fraction of variance unexplained; cross-entropy and KL "
      "divergence, in nats a token, compare the model with its activations replaced by their reconstruction.",
      thousands(dictionary.tokens), escape(dictionary.site), escape(settings_text(dictionary.settings)));
  return part("The dictionary", figure(fmt::format("{}, {} features", escape(dictionary.kind), thousands(dictionary.width)),
                                       caption, quality_table(result)));
}

std::string models(const Result& result) {
  std::string html;
  for (const auto& model : result.models)
    html += fmt::format("<details>\n<summary>{}, seed {}</summary>\n<p>{}</p>\n{}\n</details>\n", escape(model.name),
                        model.seed, hash(model.sha256), papers_html(model.papers));
  return part("The models’ papers", html);
}

std::string reproduction(const Result& result) {
  const auto& [card, sha256, card_sha256] = result.registration;
  const auto& [started, seconds, machine] = result.timing;
  const std::string how = fmt::format(R"(<p>Everything was registered before the first fit. The same card gives the same
numbers, but for the times.</p>
<pre>fairfight fight {} --out D</pre>
)",
                                      escape(card));
  return part("Run it again",
              how + list("record", entry("Registration", hash(sha256)) + entry("Card", hash(card_sha256)) +
                                       entry("Intervals", fmt::format("{}, {}, {} resamples", level(result),
                                                                      escape(result.interval.method),
                                                                      thousands(result.interval.resamples))) +
                                       entry("Run", fmt::format("{}, {} on {}", escape(started), duration(seconds),
                                                                escape(machine)))));
}

std::string footer(const Result& result) {
  return fmt::format("<footer>fairfight {}. Built from result.json ({}); this page loads and runs nothing.</footer>\n",
                     escape(result.fairfight), Result::kSchema);
}

}  // namespace

std::string html_report(const Result& result) {
  return fmt::format(kHead, escape(result.fight.title), kPageStyle) + "<body>\n<main>\n" + heading(result) +
         statement(result) + facts(result) + differences(result) + scores(result) + roster(result) + costs(result) +
         dictionary(result) + models(result) + reproduction(result) + footer(result) + "</main>\n</body>\n</html>\n";
}

}  // namespace fairfight
