#include <fmt/format.h>
#include <fmt/ranges.h>

#include "fairfight/report/curves.h"
#include "fairfight/report/html_parts.h"
#include "fairfight/report/page.h"
#include "fairfight/report/side_effects.h"
#include "fairfight/report/statement.h"
#include "fairfight/report/svg.h"
#include "fairfight/report/tables.h"
#include "fairfight/report/text.h"

namespace fairfight {
namespace {

std::string certificate_list(const Result::Certificate& certificate) {
  std::string items;
  for (const auto& level : certificate.levels)
    items +=
        fmt::format("<li class=\"{}\"><b>{}</b> <span class=\"level\">{}</span> {}<span class=\"found\">{}</span></li>\n",
                    level.holds ? "holds" : "lacks", level.holds ? "Yes" : "No", escape(level.name), escape(level.text),
                    escape(level.evidence));
  return fmt::format("<p class=\"finding\"><span class=\"chip {}\">{}</span> {}</p>\n<ul class=\"evidence\">\n{}</ul>\n",
                     certificate.reached.empty() ? "loses" : "beats",
                     certificate.reached.empty() ? "NO LEVEL" : escape(certificate.reached),
                     sentence_html(certificate.sentence), items);
}

}  // namespace

std::string side_effects_html(const Result& result) {
  if (!result.side_effects) return "";
  const auto& effects = *result.side_effects;
  std::string abilities;
  for (const auto& ability : effects.abilities) abilities += (abilities.empty() ? "" : ", ") + escape(ability);
  const size_t outside = outside_of_picture(result, effects);
  const std::string caption = fmt::format(
      "Each dot is a trial of one run, on validation: what it does to the cross-entropy of {}, and its {}. Hollow ones are "
      "over the budget: more than {:.3g} nats a token, or less than {} of an ability{}. A diamond is what a contestant "
      "chose, its runs’ mean; the steps are the best that either side reached at no higher price, its abilities kept. The "
      "scale below is linear up to ±{:g} and logarithmic beyond.{}",
      escape(effects.text), escape(result.fight.metric.title), effects.most_delta_ce, share_text(effects.least_ability),
      abilities.empty() ? "" : " (" + abilities + ")", linear_up_to(effects),
      outside == 0 ? "" : fmt::format(" Arrows: {} further out.", counted(int64_t(outside), "trial")));
  const std::string chart = side_effects_chart(result, effects);
  return part("Side effects", (chart.empty() ? "" : figure("What a repair costs elsewhere", caption, chart)) +
                                  figure("Operating points", "What was chosen on validation, means over the runs.",
                                         side_effects_table(result, effects)));
}

std::string robustness_html(const Result& result) {
  if (!result.robustness) return "";
  std::string attacks;
  for (const auto& attack : result.robustness->attacks) attacks += entry(escape(attack.title), escape(attack.about));
  const std::string caption = fmt::format(
      "What is left of a repair when somebody works against it: means over the runs with {} intervals, beside the {} of the "
      "contest. The stronger the tint, the better it holds.",
      level_of(result), escape(result.fight.metric.title));
  return part("Does it hold?", figure("After the repair", caption, robustness_table(result, *result.robustness)) +
                                   folded("What was done to it", definitions("families", attacks)));
}

std::string exposure_html(const Result& result) {
  std::string html;
  if (result.certificate) html += certificate_list(*result.certificate);
  if (result.doses) {
    const std::string slope = slope_sentence(result);
    const std::string caption = fmt::format(
        "{} with dictionaries whose training text has a share of the behaviour in it (a logarithmic scale), with {} "
        "intervals. {}",
        escape(result.fight.metric.title), level_of(result),
        slope.empty() ? "" : sentence_html(slope) + " Its slope is dashed.");
    html += figure("If it had seen some", caption, doses_chart(result, *result.doses)) +
            folded("The doses in numbers", doses_table(result, *result.doses));
  }
  return html.empty() ? "" : part("Did the dictionary see the behaviour?", html);
}

std::string few_shots_html(const Result& result) {
  if (!result.few_shots) return "";
  const std::string caption =
      fmt::format("{} with so many examples of the behaviour at hand (a logarithmic scale), with {} intervals.",
                  escape(result.fight.metric.title), level_of(result));
  return part("With fewer examples", figure("Examples", caption, few_shots_chart(result, *result.few_shots)) +
                                         folded("The examples in numbers", few_shots_table(result, *result.few_shots)));
}

}  // namespace fairfight
