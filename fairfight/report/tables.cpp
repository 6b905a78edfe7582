#include "fairfight/report/tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fairfight/report/svg.h"
#include "fairfight/report/text.h"

namespace fairfight {
namespace {

using Row = std::vector<std::string>;  // cells, already escaped; the first is the row's header

std::string row_html(const Row& cells) {
  std::string html = "<tr><th scope=\"row\">" + cells.front() + "</th>";
  for (size_t i = 1; i < cells.size(); ++i) html += "<td>" + cells[i] + "</td>";
  return html + "</tr>\n";
}

/// Scrolls sideways by itself where the page is narrow.
std::string table_html(std::string_view attributes, const std::string& heads, const std::string& rows) {
  return fmt::format("<div class=\"wide\"><table {}>\n<thead>{}</thead>\n<tbody>\n{}</tbody>\n</table></div>\n", attributes,
                     heads, rows);
}

std::string heads(const Row& titles) {
  std::string html = "<tr>";
  for (const auto& title : titles) html += "<th scope=\"col\">" + title + "</th>";
  return html + "</tr>";
}

std::string contestant_title(const Result::Contestant& contestant) {
  return fmt::format("<span class=\"{}\">{}</span>", contestant.challenger ? "challenger" : "baseline",
                     escape(contestant.title));
}

std::string heat_cell(const Estimate& estimate, const Result::Metric& metric, std::string_view style) {
  const double skill = (estimate.value - metric.no_skill) / (metric.perfect - metric.no_skill);  // 0: none, 1: perfect
  return fmt::format(R"(<td class="{} {}" style="--skill:{:.3f}"><b>{}</b><span class="interval">{} to {}</span></td>)",
                     style, skill < 0 ? "worse" : "heat", std::min(std::abs(skill), 1.0), fixed(estimate.value, 3),
                     fixed(estimate.low, 3), fixed(estimate.high, 3));
}

}  // namespace

std::string score_table(const Result& result) {
  Row titles = {"", "mean"};
  for (const auto& family : result.fight.families) titles.push_back(escape(spoken(family.name)));
  std::string rows;
  for (const auto* contestant : result.ranked()) {
    rows += "<tr><th scope=\"row\">" + contestant_title(*contestant) + "</th>";
    rows += heat_cell(contestant->score.mean, result.fight.metric, "mean");
    for (const auto& family : contestant->score.families) rows += heat_cell(family, result.fight.metric, "");
    rows += "</tr>\n";
  }
  return table_html(fmt::format(R"(class="scores" style="--columns:{}")", titles.size() - 1), heads(titles), rows);
}

std::string ledger_table(const Result& result) {
  constexpr std::string_view kHeads =
      "<tr><th rowspan=\"2\"></th><th colspan=\"2\" scope=\"colgroup\">Tokens</th>"
      "<th colspan=\"3\" scope=\"colgroup\">FLOPs, dictionary’s training charged at</th>"
      "<th rowspan=\"2\" scope=\"col\">Queries</th><th rowspan=\"2\" scope=\"col\">Labels</th>"
      "<th rowspan=\"2\" scope=\"col\">Trials</th><th rowspan=\"2\" scope=\"col\">Time</th></tr>\n"
      "<tr><th scope=\"col\">forward</th><th scope=\"col\">backward</th>"
      "<th scope=\"col\">0 %</th><th scope=\"col\">10 %</th><th scope=\"col\">100 %</th></tr>";
  std::string rows;
  for (const auto* contestant : result.ranked()) {
    const auto& ledger = contestant->ledger;
    const auto& charged = ledger.charged_flops;
    rows += row_html({contestant_title(*contestant), si(double(ledger.tokens_forward)), si(double(ledger.tokens_backward)),
                      si(charged.at_0), "<b>" + si(charged.at_10) + "</b>", si(charged.at_100), thousands(ledger.queries),
                      thousands(ledger.labels), thousands(ledger.trials), duration(ledger.seconds)});
  }
  return table_html(R"(class="numbers")", std::string(kHeads), rows);
}

std::string quality_table(const Result& result) {
  std::string rows;
  for (const auto& quality : result.dictionary.trained)
    rows += row_html({fmt::format("seed {}", quality.seed), fixed(quality.fvu, 4), fixed(quality.explained_variance, 4),
                      fixed(quality.l0, 1), percent(quality.dead, 2), signed_fixed(quality.delta_ce, 4),
                      fixed(quality.ce_recovered, 4), fixed(quality.kl, 4)});
  return table_html(R"(class="numbers")",
                    heads({"", "FVU", "Explained variance", "L0", "Dead features", "Δ cross-entropy", "CE recovered",
                           "KL divergence"}),
                    rows);
}

}  // namespace fairfight
