#include "fairfight/report/page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fairfight/report/svg.h"
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

}  // namespace

std::string whole_page(std::string_view untrusted_title, std::string_view style, const std::string& body) {
  return fmt::format(kHead, escape(untrusted_title), style) + "<body>\n<main>\n" + body + "</main>\n</body>\n</html>\n";
}

std::string part(std::string_view title, const std::string& contents) {
  return fmt::format("<section class=\"part\">\n<h2>{}</h2>\n<div>\n{}</div>\n</section>\n", title, contents);
}

std::string figure(std::string_view label, std::string_view caption, const std::string& contents) {
  return fmt::format("<figure>\n<figcaption><b>{}.</b> {}</figcaption>\n{}</figure>\n", label, caption, contents);
}

std::string folded(std::string_view summary, const std::string& contents) {
  return fmt::format("<details>\n<summary>{}</summary>\n{}</details>\n", summary, contents);
}

std::string entry(std::string_view term, std::string_view text) {
  return fmt::format("<dt>{}</dt><dd>{}</dd>\n", term, text);
}

std::string boxed(std::string_view term, std::string_view text) { return "<div>" + entry(term, text) + "</div>\n"; }

std::string definitions(std::string_view style, const std::string& entries) {
  return fmt::format("<dl class=\"{}\">\n{}</dl>\n", style, entries);
}

std::string hash_span(std::string_view sha256) { return fmt::format("<span class=\"hash\">sha256 {}</span>", escape(sha256)); }

std::string sentence_html(std::string_view untrusted) {
  std::string html = escape(untrusted);
  for (size_t at = 0; (at = html.find(" %", at)) != std::string::npos;) html.replace(at, 1, "\u00a0");
  return html;
}

std::string titled(const Result::Contestant& contestant) {
  return fmt::format("<span class=\"{}\">{}</span>", name_of(contestant.role), escape(contestant.title));
}

std::string titled_with_tag(const Result::Contestant& contestant) {
  return titled(contestant) + (contestant.tag.empty() ? "" : fmt::format(" <span class=\"tag\">{}</span>", escape(contestant.tag)));
}

std::string chip(Result::Label label) {
  return fmt::format("<span class=\"chip {}\">{}</span>", style_of(label), name_of(label));
}

std::string_view style_of(Result::Label label) {
  switch (label) {
    case Result::Label::beats:
      return "beats";
    case Result::Label::competitive:
      return "competitive";
    case Result::Label::inconclusive:
      return "inconclusive";
    case Result::Label::loses:
      break;
  }
  return "loses";
}

std::string level_of(const Result& result) { return percent(result.interval.level, 0); }

std::string signed_html(const Estimate& estimate) {
  return fmt::format("<b>{}</b> <span class=\"interval\">{} to {}</span>", signed_fixed(estimate.value, 3),
                     signed_fixed(estimate.low, 3), signed_fixed(estimate.high, 3));
}

std::string interval_html(const Estimate& estimate) {
  return fmt::format("<b>{}</b> <span class=\"interval\">{}</span>", fixed(estimate.value, 3),
                     between(estimate.low, estimate.high));
}

std::string heat_cell(double skill, std::string_view value, std::string_view interval, std::string_view style) {
  return fmt::format(R"(<td class="{} {}" style="--skill:{:.3f}"><b>{}</b>{}</td>)", style, skill < 0 ? "worse" : "heat",
                     std::min(std::abs(skill), 1.0), value,
                     interval.empty() ? "" : fmt::format("<span class=\"interval\">{}</span>", interval));
}

std::string heat_cell(const Estimate& score, const Result::Metric& metric, std::string_view style) {
  return heat_cell((score.value - metric.no_skill) / (metric.perfect - metric.no_skill), fixed(score.value, 3),
                   between(score.low, score.high), style);
}

std::string table(std::string_view attributes, std::string_view heads, std::string_view rows) {
  return fmt::format("<div class=\"wide\"><table {}>\n<thead>{}</thead>\n<tbody>\n{}</tbody>\n</table></div>\n", attributes,
                     heads, rows);
}

std::string table(std::string_view style, const Row& heads, const std::vector<Row>& rows) {
  std::string html;
  for (const auto& row : rows) html += row_html(row);
  return table(fmt::format("class=\"{}\"", style), heads_html(heads), html);
}

std::string heads_html(const Row& titles) {
  std::string html = "<tr>";
  for (const auto& title : titles) html += title.empty() ? "<td></td>" : "<th scope=\"col\">" + title + "</th>";
  return html + "</tr>";
}

std::string row_html(const Row& cells) {
  std::string html = "<tr><th scope=\"row\">" + cells.front() + "</th>";
  for (size_t i = 1; i < cells.size(); ++i) html += "<td>" + cells[i] + "</td>";
  return html + "</tr>\n";
}

}  // namespace fairfight
