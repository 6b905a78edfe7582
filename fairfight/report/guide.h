#pragma once
#include <string>

#include "fairfight/base/json.h"

namespace fairfight {

/// A page that shows a thing to a newcomer, from JSON, so that whoever tells it need not know this layer:
///   {kicker, title, epigraph, lead, facts: {term: value}, parts: [{title, text, blocks}], footer}
/// A block has one of these shapes; with a "heading" (and a "caption") it is a figure, with "folded" it lies behind that line:
///   table        columns [{title, form}], rows [[cell]]; a form is text, prose, number, percent or bar; "tall": it scrolls in a box of its own
///   definitions  entries {term: text}
///   measures     rows [{name, about, truth, value, low, high}], probabilities
///   passages     groups [{title, items: [{text, answer, note}]}]; without an answer the text is the whole
///   curve        x, y, label, at [..], values [{value, low, high}]
///   checks       items [{what, passed, value, low, high}], expected between the last two
/// The page is as self-contained as a report, and all its text is escaped.
std::string guide_html(const Json& guide);

}  // namespace fairfight
