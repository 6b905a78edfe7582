#pragma once
#include <string>

#include "fairfight/report/result.h"

namespace fairfight {

/// What holds and what does not. An aside is HTML that stands behind an item's text; one an item, or none at all.
std::string evidence_list(const Section::Checklist& list, const std::vector<std::string>& asides = {});

/// A section's checklist as a part of the page; a ladder with how far it is climbed.
std::string checklist_html(const Section& section, const Section::Checklist& list);

}  // namespace fairfight
