#include "fairfight/report/tables.h"

#include <fmt/format.h>

#include "fairfight/report/page.h"
#include "fairfight/report/svg.h"
#include "fairfight/report/text.h"

namespace fairfight {
std::string score_table(const Result& result) {
  const bool several = result.fight.families.size() > 1;  // one family is its own mean
  Row titles = {"", several ? "mean" : escape(result.fight.metric.title)};
  if (several)
    for (const auto& family : result.fight.families) titles.push_back(escape(spoken(family.name)));
  std::string rows;
  for (const auto* contestant : result.ranked()) {
    const auto cell = [&](const Estimate& score, std::string_view style) {
      return contestant->handed_in() ? heat_cell(score, result.fight.metric, style) : kNoCell;
    };
    rows += "<tr><th scope=\"row\">" + titled_with_tag(*contestant) + "</th>" + cell(contestant->score.mean, "mean");
    if (several)
      for (const auto& family : contestant->score.families) rows += cell(family, "");
    rows += "</tr>\n";
  }
  return table(R"(class="scores")", heads_html(titles), rows);
}

std::string ruling_table(const Result& result) {
  std::vector<Row> rows;
  for (const auto& ruling : result.verdict.all) {
    const bool handed_in = result.contestant(ruling.challenger).handed_in();
    rows.push_back({titled(result.contestant(ruling.challenger)), handed_in ? chip(ruling.label) : "<span class=\"aside\">handed nothing in</span>",
                    handed_in ? signed_html(ruling.interval) : "–", escape(result.contestant(ruling.against).title)});
  }
  return table("numbers words", Row{"", "Ruling", "Difference", "Mostly against"}, rows);
}

std::string amortisation_table(const Result& result) {
  std::vector<Row> rows;
  for (const auto& [share, ruling, flops, over_budget] : result.ledger.amortisation)
    rows.push_back({percent(share, 0) + (share == Result::kPrimaryShare ? " <span class=\"aside\">the verdict</span>" : ""),
                    chip(ruling.label),
                    over_budget ? "<span class=\"aside\">over budget: no trial fits</span>" : signed_html(ruling.interval),
                    titled(result.contestant(ruling.challenger)), escape(result.contestant(ruling.against).title),
                    si(flops)});
  return table("numbers words", Row{"Charged", "Ruling", "Difference", "Mostly", "Against mostly", "FLOPs a run"}, rows);
}

std::string ledger_table(const Result& result) {
  constexpr std::string_view kHeads =
      "<tr><td rowspan=\"2\"></td><th colspan=\"2\" scope=\"colgroup\">Tokens</th>"
      "<th colspan=\"3\" scope=\"colgroup\">FLOPs, dictionary charged at</th>"
      "<th rowspan=\"2\" scope=\"col\">Queries</th><th rowspan=\"2\" scope=\"col\">Labels</th>"
      "<th rowspan=\"2\" scope=\"col\">Trials</th><th rowspan=\"2\" scope=\"col\">Time</th></tr>\n"
      "<tr><th scope=\"col\">forward</th><th scope=\"col\">backward</th>"
      "<th scope=\"col\">0 %</th><th scope=\"col\">10 %</th><th scope=\"col\">100 %</th></tr>";
  std::string rows;
  for (const auto* contestant : result.ranked()) {
    const auto& ledger = contestant->ledger;
    const auto& charged = ledger.charged_flops;
    rows += row_html({titled(*contestant), si(double(ledger.tokens_forward)), si(double(ledger.tokens_backward)),
                      si(charged.at_0), "<b>" + si(charged.at_10) + "</b>", si(charged.at_100), thousands(ledger.queries),
                      thousands(ledger.labels), thousands(ledger.trials), duration(ledger.seconds)});
  }
  return table(R"(class="numbers")", kHeads, rows);
}

std::string audit_table(const Result& result) {
  std::vector<Row> rows;
  for (const auto* contestant : result.ranked()) {
    Row row = {titled(*contestant), "<span class=\"aside\">no fixed task</span>", "–", "–", "–"};
    if (const auto& calibration = contestant->calibration)
      row = {row[0], calibration->holds() ? "<span class=\"yes\">reached</span>" : "<span class=\"no\">below it</span>",
             fixed(calibration->reached, 3), fixed(calibration->reference, 3), fixed(calibration->tolerance, 3)};
    row.push_back(
        contestant->under_tuned.empty()
            ? "<span class=\"yes\">fully tuned</span>"
            : fmt::format("<span class=\"no\">under-tuned</span> <span class=\"why\">{}</span>", escape(contestant->under_tuned)));
    rows.push_back(std::move(row));
  }
  return table("numbers audit", Row{"", "Calibration", "Reached", "Reference", "Tolerance", "Tuning"}, rows);
}

std::string quality_table(const Result& result) {
  std::vector<Row> rows;
  for (const auto& quality : result.dictionary.trained) {
    rows.push_back({fmt::format("seed {}, dictionary {}{}", quality.seed, quality.dictionary_seed, result.fight.sites.size() == 1 ? "" : ", " + escape(quality.site)), fixed(quality.fvu, 4),
                    fixed(quality.explained_variance, 4), fixed(quality.l0, 1), percent(quality.dead, 2)});
    const auto& s = quality.spliced;
    for (const auto& text : {s ? signed_fixed(s->delta_ce, 4) : "–", s ? fixed(s->ce_recovered, 4) : "–", s ? fixed(s->kl, 4) : "–"}) rows.back().push_back(text);
  }
  return table(
      "numbers",
      Row{"", "FVU", "Explained variance", "L0", "Dead features", "Δ cross-entropy", "CE recovered", "KL divergence"}, rows);
}

}  // namespace fairfight
