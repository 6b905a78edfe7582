#include "fairfight/report/datasheet.h"

#include <fmt/format.h>

#include <algorithm>

#include "fairfight/report/svg.h"
#include "fairfight/report/text.h"

namespace fairfight {
namespace {

bool is_integer_above(const Json& value, int64_t bound) {
  if (!value.is_number_unsigned()) return false;
  const auto number = value.get<uint64_t>();
  return number > uint64_t(bound) && number <= uint64_t(INT64_MAX);
}

std::string scalar_text(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_float()) return fmt::format("{:.6g}", value.get<double>());
  if (is_integer_above(value, 9999)) return thousands(value.get<int64_t>());  // and years as they are
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (value.is_null()) return "none";
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string list_text(const Json& list) {
  std::string text;
  for (const auto& item : list) text += (text.empty() ? "" : ", ") + scalar_text(item);
  return text;
}

}  // namespace

std::string datasheet_html(const Json& datasheet) {
  std::string html;
  if (datasheet.is_object()) {
    for (const auto& [key, value] : datasheet.items())
      html += fmt::format("<dt>{}</dt><dd>{}</dd>\n", escape(spoken(key)), datasheet_html(value));
    return "<dl>\n" + html + "</dl>";
  }
  if (!datasheet.is_array()) return escape(scalar_text(datasheet));
  const auto is_structured = [](const Json& item) { return item.is_structured(); };
  if (std::none_of(datasheet.begin(), datasheet.end(), is_structured)) return escape(list_text(datasheet));
  for (const auto& item : datasheet) html += "<li>" + datasheet_html(item) + "</li>\n";
  return "<ol>\n" + html + "</ol>";
}

std::string settings_text(const Json& settings) {
  std::string text;
  for (const auto& [key, value] : settings.items()) {
    const std::string shown = value.is_array() ? list_text(value) : scalar_text(value);
    text += (text.empty() ? "" : ", ") + spoken(key) + " " + shown;
  }
  return text.empty() ? "nothing to choose" : text;
}

}  // namespace fairfight
