#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "fairfight/report/result.h"

// What every part of the page is built from. Arguments are HTML, already escaped, unless they are a part of the result.
namespace fairfight {

/// A self-contained page around them: no script, nothing loaded (its content security policy forbids both), light or dark as the
/// reader prefers.
std::string whole_page(std::string_view untrusted_title, std::string_view style, const std::string& body);

std::string part(std::string_view title, const std::string& contents);
std::string figure(std::string_view label, std::string_view caption, const std::string& contents);
std::string folded(std::string_view summary, const std::string& contents);

/// A term with its text, for `definitions`; boxed for those that stand side by side ("facts").
std::string entry(std::string_view term, std::string_view text);
std::string boxed(std::string_view term, std::string_view text);
std::string definitions(std::string_view style, const std::string& entries);

/// An untrusted sentence, escaped; no line breaks between a number and its per cent sign.
std::string sentence_html(std::string_view untrusted);

/// "sha256 ..." of an untrusted hash, escaped.
std::string hash_span(std::string_view sha256);

/// A contestant's title with the mark of its role.
std::string titled(const Result::Contestant& contestant);

/// The same with its tag, where it has one.
std::string titled_with_tag(const Result::Contestant& contestant);

/// "LOSES" in its colour.
std::string chip(Result::Label label);

/// The class that gives a label its colour: "loses".
std::string_view style_of(Result::Label label);

/// "90 %"
std::string level_of(const Result& result);

/// "−0.093 −0.112 to −0.074", the interval set back.
std::string signed_html(const Estimate& estimate);

/// "0.930 0.914–0.946", the same.
std::string interval_html(const Estimate& estimate);

/// A cell with a tint: `skill` is 0 where a scale is worst and 1 where it is best; below 0 has another tint.
std::string heat_cell(double skill, std::string_view value, std::string_view interval, std::string_view style);
std::string heat_cell(const Estimate& score, const Result::Metric& metric, std::string_view style);

constexpr const char* kNoCell = "<td class=\"none\">–</td>";

using Row = std::vector<std::string>;  // cells; the first is the row's header

/// Scrolls sideways by itself where the page is narrow. `style` is a class of the style sheet.
std::string table(std::string_view style, const Row& heads, const std::vector<Row>& rows);
std::string table(std::string_view attributes, std::string_view heads, std::string_view rows);
std::string heads_html(const Row& titles);
std::string row_html(const Row& cells);

}  // namespace fairfight
