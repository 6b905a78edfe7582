#include "fairfight/report/guide.h"

#include <fmt/format.h>

#include <algorithm>

#include "fairfight/base/error.h"
#include "fairfight/report/chart.h"
#include "fairfight/report/checklist.h"
#include "fairfight/report/datasheet.h"
#include "fairfight/report/page.h"
#include "fairfight/report/style.h"
#include "fairfight/report/svg.h"
#include "fairfight/report/text.h"

namespace fairfight {
namespace {

constexpr std::string_view kGuideStyle = R"css(
.lead { max-width: 46rem; margin-bottom: 2rem; }
.told { width: auto; min-width: min(100%, 34rem); }
.told th, .told td { padding: .32rem 1.3rem .32rem 0; border-bottom: 1px solid var(--rule); text-align: left; vertical-align: top;
  white-space: nowrap; }
.told tr > :last-child { padding-right: .2rem; }
.told thead th { color: var(--muted); font-size: .8rem; vertical-align: bottom; border-bottom: 1.5px solid var(--ink); }
.told .number, .told .percent { text-align: right; }
.told .prose { white-space: normal; min-width: 17rem; }
.told .bar { min-width: 10rem; }
.told tr > .percent + *, .told tr > .number + :not(.number) { padding-left: .6rem; }
.bar i { display: inline-block; vertical-align: baseline; width: 5.5rem; height: .62rem; margin-right: .6rem;
  background: linear-gradient(var(--near), var(--near)) 0 / calc(100% * var(--part)) 100% no-repeat var(--grid);
  print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.tall > .wide { max-height: 32rem; overflow: auto; border: solid var(--rule); border-width: 0 0 1px; }
.tall table { border-collapse: separate; border-spacing: 0; font-size: .82rem; width: 100%; }
.tall th, .tall td { padding-right: .75rem; }
.tall thead th { position: sticky; top: 0; background: var(--paper); z-index: 1; }
.tall tbody th { position: sticky; left: 0; background: var(--paper); }
.tall thead th:first-child { left: 0; z-index: 2; }
figure:has(.measures) { margin: 2.8rem 0 1.2rem; }
p + figure:has(.measures) { margin-top: 1.6rem; }
.measures .plot th { width: 40%; font-weight: 600; padding-top: .35rem; padding-bottom: .35rem; }
.measures .plot th .aside { font-size: .8rem; }
.measures .figure .aside { display: block; font-size: .78rem; }
.mark.truth { color: var(--muted); fill-opacity: .55; }
.passages { margin: .4rem 0 1rem; }
.passages h3 { font: 600 .86rem/1.4 var(--sans); color: var(--muted); margin: 1.1rem 0 .4rem; }
.passages ul { list-style: none; margin: 0; padding: 0; max-width: 46rem; }
.passages li { border-left: 3px solid var(--rule); padding: .1rem 0 .1rem .9rem; margin: 0 0 .8rem; font-size: 1rem; line-height: 1.5; }
.passages .asked { color: var(--muted); }
.passages .aside { display: block; font: .8rem/1.5 var(--sans); }
@media screen and (max-width: 52rem) {
  .told th, .told td { padding-right: .9rem; }
  .told .prose { min-width: 7.4rem; }
  .told .bar { min-width: 0; }
  .bar i { width: 2.2rem; margin-right: .4rem; }
  .measures .plot tr { padding-top: .35rem; }
  .measures .plot th { width: auto; padding: 0 .8rem 0 0; }
  .tall > .wide { max-height: 26rem; }
}
@media print { .tall > .wide { max-height: none; } }
)css";

std::string guide_cell(const Json& cell, const std::string& form) {
  if (cell.is_null()) return "";
  if (form == "percent") return percent(cell.get<double>());
  if (form == "bar") return fmt::format(R"(<i style="--part:{:.3f}"></i>{})", std::clamp(cell.get<double>(), 0.0, 1.0), percent(cell.get<double>()));
  return datasheet_html(cell);
}

std::string guide_table(const Json& block) {
  std::vector<std::string> forms;
  std::string heads, rows;
  for (const auto& column : block.at("columns")) {
    forms.push_back(column.value("form", "text"));
    heads += fmt::format("<th scope=\"col\" class=\"{}\">{}</th>", forms.back(), escape(column.at("title").get<std::string>()));
  }
  for (const auto& row : block.at("rows")) {
    rows += "<tr>";
    for (size_t i = 0; i < row.size(); ++i)
      rows += fmt::format("<{0} class=\"{1}\">{2}</{3}>", i == 0 ? "th scope=\"row\"" : "td", forms.at(i), guide_cell(row[i], forms[i]), i == 0 ? "th" : "td");
    rows += "</tr>\n";
  }
  const std::string html = table("class=\"told\"", "<tr>" + heads + "</tr>", rows);
  return block.value("tall", false) ? "<div class=\"tall\">\n" + html + "</div>\n" : html;
}

std::string guide_definitions(const Json& block) {
  std::string entries;
  for (const auto& [term, text] : block.at("entries").items()) entries += entry(escape(spoken(term)), datasheet_html(text));
  return definitions("record", entries);
}

Estimate estimate_of(const Json& told) { return {told.at("value").get<double>(), told.at("low").get<double>(), told.at("high").get<double>()}; }

std::string guide_measures(const Json& block) {
  constexpr double kHeight = 44, kMiddle = kHeight / 2;
  std::vector<PlotRow> rows;
  for (const auto& row : block.at("rows")) {
    const double truth = row.at("truth").get<double>();
    const Estimate found = estimate_of(row);
    rows.push_back({fmt::format("{}<span class=\"aside\">{}</span>", escape(spoken(row.at("name").get<std::string>())), escape(spoken(row.at("about").get<std::string>()))),
                    fmt::format("{}<span class=\"aside\">by the grammar {}</span>", interval_html(found), fixed(truth, 3)),
                    {{{truth, truth, truth}, Shape::diamond, "truth", kMiddle, 6.5, false, {}}, {found, Shape::circle, "ahead", kMiddle, 3.5, true, {}}}});
  }
  return "<div class=\"measures\">\n" + plot(Axis(0, 1), {}, kHeight, rows, "never", "always") + "</div>\n";
}

std::string passage_html(const Json& item) {
  std::string html = escape(item.at("text").get<std::string>());
  if (item.contains("answer")) html = fmt::format("<span class=\"asked\">{}</span> <b>{}</b>", html, escape(item["answer"].get<std::string>()));
  if (item.contains("note")) html += fmt::format(" <span class=\"aside\">{}</span>", escape(item["note"].get<std::string>()));
  return "<li>" + html + "</li>\n";
}

std::string guide_passages(const Json& block) {
  std::string html;
  for (const auto& group : block.at("groups")) {
    html += "<h3>" + escape(spoken(group.at("title").get<std::string>())) + "</h3>\n<ul>\n";
    for (const auto& item : group.at("items")) html += passage_html(item);
    html += "</ul>\n";
  }
  return "<div class=\"passages\">\n" + html + "</div>\n";
}

std::string guide_curve(const Json& block) {
  constexpr size_t kTicks = 6;
  const Json &at = block.at("at"), &values = block.at("values");
  double high = 0;
  for (const auto& value : values) high = std::max({high, estimate_of(value).high, estimate_of(value).value});
  Chart chart(Axis(0, high), 1);
  const double last = at.back().get<double>();
  std::string path;
  for (size_t i = 0; i < values.size(); ++i) {
    const Estimate found = estimate_of(values[i]);
    const double place = 98 * at[i].get<double>() / last;
    path += fmt::format("{}{:.1f} {:.1f}", i == 0 ? "M" : "L", 10 * place, chart.y(found.value));
    chart.behind += fmt::format(R"(<line class="spread first" x1="{0:.2f}%" x2="{0:.2f}%" y1="{1:.1f}" y2="{2:.1f}"/>)", place, chart.y(found.low), chart.y(found.high));
    if ((values.size() - 1 - i) % ((values.size() + kTicks - 1) / kTicks) == 0) chart.ticks.push_back({place, datasheet_html(at[i])});
  }
  const double end = estimate_of(values.back()).value;
  chart.paths = fmt::format(R"(<path class="first" d="{}"/>)", path);
  chart.front = fmt::format(R"(<circle class="first" cx="98%" cy="{:.1f}" r="3"/>)", chart.y(end));
  chart.labels = {{chart.y(end), "first", escape(block.at("label").get<std::string>()), fixed(end, 3)}};
  chart.about = fmt::format("{} against {}", escape(block.at("y").get<std::string>()), escape(block.at("x").get<std::string>()));
  chart.below = escape(block.at("x").get<std::string>());
  return chart.html();
}

std::string guide_checks(const Json& block) {
  Section::Checklist list;
  for (const auto& item : block.at("items")) {
    const Estimate found = estimate_of(item);
    list.items.push_back({"", item.at("what").get<std::string>(), item.at("passed").get<bool>(), fmt::format("{}, expected {} to {}", fixed(found.value, 4), fixed(found.low, 4), fixed(found.high, 4))});
  }
  return evidence_list(list, {});
}

std::string guide_block(const Json& block) {
  constexpr std::pair<std::string_view, std::string (*)(const Json&)> kShapes[] = {{"table", guide_table}, {"definitions", guide_definitions}, {"measures", guide_measures}, {"passages", guide_passages}, {"curve", guide_curve}, {"checks", guide_checks}};
  const auto shape = block.at("shape").get<std::string>();
  const auto found = std::find_if(std::begin(kShapes), std::end(kShapes), [&](const auto& known) { return known.first == shape; });
  if (found == std::end(kShapes)) fail("[guide] nothing is drawn as a \"{}\"", plain(shape));
  std::string html = found->second(block);
  if (block.contains("heading")) html = figure(escape(spoken(block["heading"].get<std::string>())), sentence_html(block.value("caption", "")), html);
  return block.contains("folded") ? folded(escape(block["folded"].get<std::string>()), html) : html;
}

}  // namespace

std::string guide_html(const Json& guide) {
  const auto text = [](const Json& from, const char* key) { return sentence_html(from.at(key).get<std::string>()); };
  std::string body = fmt::format("<header>\n<p class=\"kicker\">{}</p>\n<h1>{}</h1>\n<p class=\"question\">{}</p>\n</header>\n<p class=\"lead\">{}</p>\n", text(guide, "kicker"), text(guide, "title"), text(guide, "epigraph"), text(guide, "lead"));
  std::string facts;
  for (const auto& [term, value] : guide.at("facts").items()) facts += boxed(escape(term), datasheet_html(value));
  body += definitions("facts", facts);
  for (const auto& told : guide.at("parts")) {
    std::string contents = "<p>" + text(told, "text") + "</p>\n";
    for (const auto& block : told.at("blocks")) contents += guide_block(block);
    body += part(text(told, "title"), contents);
  }
  body += "<footer>" + text(guide, "footer") + "</footer>\n";
  return whole_page(guide.at("title").get<std::string>(), std::string(kPageStyle) + std::string(kGuideStyle), body);
}

}  // namespace fairfight
