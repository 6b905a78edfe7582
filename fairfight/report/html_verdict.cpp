#include <fmt/format.h>

#include <algorithm>

#include "fairfight/report/checklist.h"
#include "fairfight/report/html_parts.h"
#include "fairfight/report/page.h"
#include "fairfight/report/plots.h"
#include "fairfight/report/statement.h"
#include "fairfight/report/svg.h"
#include "fairfight/report/tables.h"
#include "fairfight/report/text.h"

namespace fairfight {
namespace {

std::string tier_badge(const Result::Tier& tier) {
  std::string pips;
  for (int64_t i = 1; i <= tier.most; ++i) pips += i <= tier.value ? "<i class=\"full\"></i>" : "<i></i>";
  return fmt::format("<span class=\"tier\"><span class=\"pips\" aria-hidden=\"true\">{}</span>Tier {}; such a fight can reach {}</span>", pips,
                     tier.value, tier.most);
}

std::string against_all(const Result& result, const Result::Contestant& challenger, std::string_view caption) {
  return figure(escape(challenger.title) + " minus each baseline", caption, forest_plot(result, challenger));
}

std::string how_to_read(const Result& result) {
  return fmt::format(
      "Difference in {}, mean over the families, paired by run and item. Diamonds carry {} intervals and take a colour "
      "where the interval excludes zero; the dots below them are the families. An interval that stays right of the dashed "
      "line trails by less than the margin of {}.",
      escape(result.fight.metric.title), level_of(result), fixed(result.verdict.margin, 3));
}

}  // namespace

std::string verdict_html(const Result& result) {
  const auto& ruling = result.verdict.ruling;
  std::string threats;
  for (const auto& threatened : result.verdict.rulings)
    threats += fmt::format("<p class=\"threat\">{} {}</p>\n", chip(threatened.ruling.label), sentence_html(without_label(threatened_sentence(result, threatened), threatened.ruling.label)));
  return fmt::format(R"(<section class="verdict {}" aria-label="Verdict">
<p class="stamp"><span class="label">{}</span>{}</p>
<p class="sentence">{}</p>
{}<p class="meaning">{}</p>
<p class="meaning">{}</p>
<p class="meaning">{}</p>
</section>
)",
                     style_of(ruling.label), name_of(ruling.label), tier_badge(result.tier),
                     sentence_html(without_label(result.verdict.sentence, ruling.label)), threats,
                     sentence_html(label_meaning(result, ruling.label)), sentence_html(besides_sentence(result)), sentence_html(result.tier.sentence));
}

std::string differences_html(const Result& result) {
  const auto& first = result.challenger();
  std::string html = against_all(result, first, how_to_read(result));
  if (result.verdict.all.size() > 1)
    html +=
        figure("Every challenger alone", "Each one against what is best without the dictionary, as validation chose it in each model. The verdict is about what is best with it.",
               ruling_table(result));
  for (const auto* contestant : result.ranked())
    if (contestant->challenger() && contestant != &first)
      html += folded(escape(contestant->title) + " minus each baseline",
                     against_all(result, *contestant, "To be read as above."));
  return part("Against every baseline", html);
}

std::string scores_html(const Result& result) {
  std::string families;
  for (const auto& family : result.fight.families) families += entry(escape(spoken(family.name)), escape(family.about));
  const bool references = std::any_of(result.contestants.begin(), result.contestants.end(),
                                      [](const auto& it) { return it.role == Result::Role::reference; });
  const std::string caption =
      fmt::format("{} with {} intervals. The tint grows from {}.{} {}", escape(result.fight.metric.title), level_of(result),
                  escape(scale_of(result)), references ? " References, in italics, stand outside the contest." : "", escape(beyond_scale_sentence(result)));
  return part("Family by family", figure("Scores", caption, score_table(result)) +
                                      folded("What the families are", definitions("families", families)));
}

std::string necessity_html(const Result& result) {
  const auto& [challenger, passed, controls, sentence] = result.necessity;
  const auto& first = result.contestant(challenger);
  std::string html = fmt::format("<p class=\"finding\"><span class=\"chip {}\">{}</span> {}</p>\n",
                                 passed ? "beats" : "loses", passed ? "PASSED" : "FAILED", sentence_html(sentence));
  const std::string caption = fmt::format(
      "The same contestant with another basis in the dictionary’s place; below each basis its {} and how well it rebuilds "
      "the "
      "activations. Differences, dictionary minus basis, with {} intervals.",
      escape(result.fight.metric.title), level_of(result));
  if (const std::string plot = necessity_plot(result, first); !plot.empty())
    html += figure(escape(first.title), caption, plot);
  for (const auto* contestant : result.ranked()) {
    if (!contestant->challenger() || contestant == &first) continue;
    if (const std::string plot = necessity_plot(result, *contestant); !plot.empty())
      html += folded(escape(contestant->title) + " with other bases",
                     figure(escape(contestant->title), "To be read as above.", plot));
  }
  return part("Is the dictionary needed?", html);
}

std::string tier_html(const Result& result) {
  Section::Checklist list;
  std::vector<std::string> asides;
  for (const auto& [text, holds, tier] : result.tier.evidence) {
    list.items.push_back({"", text, holds});
    asides.push_back(fmt::format("tier {}", tier));
  }
  return part("What the tier rests on", fmt::format("<p class=\"finding\">{}</p>\n{}", tier_badge(result.tier), evidence_list(list, asides)));
}

}  // namespace fairfight
