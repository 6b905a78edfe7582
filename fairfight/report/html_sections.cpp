#include <utility>

#include "fairfight/report/checklist.h"
#include "fairfight/report/curves.h"
#include "fairfight/report/html_parts.h"
#include "fairfight/report/page.h"
#include "fairfight/report/scatter.h"
#include "fairfight/report/svg.h"
#include "fairfight/report/table_html.h"

namespace fairfight {
namespace {

/// A section as its shape draws it.
struct Drawn {
  const Result& result;
  const Section& section;
  std::string operator()(const Section::Table& table) const { return table_html(result, section, table); }
  std::string operator()(const Section::Curves& curves) const { return curves_html(result, section, curves); }
  std::string operator()(const Section::Scatter& scatter) const { return scatter_html(result, section, scatter); }
  std::string operator()(const Section::Checklist& list) const { return checklist_html(section, list); }
};

}  // namespace

std::string sections_html(const Result& result) {
  std::string html, contents;
  for (size_t i = 0; i < result.sections.size(); ++i) {
    const auto& section = result.sections[i];
    contents += std::visit(Drawn{result, section}, section.body);
    const bool goes_on = i + 1 < result.sections.size() && result.sections[i + 1].title == section.title;
    if (!goes_on) html += part(escape(section.title), std::exchange(contents, ""));
  }
  return html;
}

}  // namespace fairfight
