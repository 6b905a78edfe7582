#pragma once
#include <string>
#include <string_view>

#include "fairfight/report/result.h"

namespace fairfight {

/// The verdict in one sentence that begins with its label. It needs all of a result but the sentences.
std::string verdict_sentence(const Result& result);

/// What the verdict's number hangs on, and what the dictionary adds for somebody who has all the rest.
std::string besides_sentence(const Result& result);

/// The ruling under a threat, its label first: "LOSES: with open weights, ..."
std::string threatened_sentence(const Result& result, const Result::Threatened& threatened);

/// Whether the work could have been done with another basis in the dictionary's place, in one sentence.
std::string necessity_sentence(const Result& result);

/// Where contestants read: the names of the sites.
std::string sites_text(const Result& result);

/// How many rows were attention sinks, and left out, in one sentence; empty where nobody looked.
std::string sinks_sentence(const Result& result);

/// What a label says, for those who meet it first.
std::string label_meaning(const Result& result, Result::Label label);

/// What ten times the amount is worth to the verdict's challenger; empty where no slope of its own was measured.
std::string slope_sentence(const Result& result, const Section::Curves& curves);

/// What the metric's scale runs from and to: "no skill (0.5) to perfect (1)".
std::string scale_of(const Result& result);

/// What scores outside of that scale mean, where there are some, and what a dash in a score's place does; else empty.
std::string beyond_scale_sentence(const Result& result);

/// A sentence without the label that it begins with: for where the label stands in large letters already.
std::string without_label(std::string_view sentence, Result::Label label);

}  // namespace fairfight
