#include "fairfight/report/checklist.h"

#include <fmt/format.h>

#include "fairfight/report/page.h"
#include "fairfight/report/svg.h"

namespace fairfight {

std::string evidence_list(const Section::Checklist& list, const std::vector<std::string>& asides) {
  std::string html;
  for (size_t i = 0; i < list.items.size(); ++i) {
    const auto& [name, text, holds, evidence] = list.items[i];
    html += fmt::format("<li class=\"{}\"><b>{}</b> ", holds ? "holds" : "lacks", holds ? "Yes" : "No");
    if (!name.empty()) html += fmt::format("<span class=\"level\">{}</span> ", escape(name));
    html += escape(text);
    if (!asides.empty()) html += fmt::format(" <span class=\"aside\">{}</span>", asides[i]);
    if (!evidence.empty()) html += fmt::format("<span class=\"found\">{}</span>", escape(evidence));
    html += "</li>\n";
  }
  return "<ul class=\"evidence\">\n" + html + "</ul>\n";
}

std::string checklist_html(const Section& section, const Section::Checklist& list) {
  const std::string reached = list.reached();
  std::string finding = sentence_html(section.caption);
  if (list.ladder)
    finding = fmt::format("<span class=\"chip {}\">{}</span> {}", reached.empty() ? "loses" : "beats",
                          reached.empty() ? "NO LEVEL" : escape(reached), finding);
  if (!section.heading.empty()) return figure(escape(section.heading), finding, evidence_list(list));
  return "<p class=\"finding\">" + finding + "</p>\n" + evidence_list(list);
}

}  // namespace fairfight
