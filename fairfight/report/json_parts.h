#pragma once
#include <string>
#include <vector>

#include "fairfight/base/error.h"
#include "fairfight/base/json.h"
#include "fairfight/report/section.h"

// What the core of result.json (result_read.cpp, result_write.cpp) and its sections (section_json.cpp) are read and written with.
namespace fairfight {

constexpr double kLargestScore = 1e9;  // the span of every axis stays finite

/// `read` takes what it knows from a Fields; whatever else is there is refused.
template <class Read>
auto read_object(Fields& fields, const std::string& key, Read read) {
  Fields inner = fields.object(key);
  auto value = read(inner);
  inner.finish();
  return value;
}

template <class Read>
auto read_list(Fields& fields, const std::string& key, Read read) {
  const Json& items = fields.any(key);
  if (!items.is_array()) fail("[{}] \"{}\": expected a list of objects", fields.where(), key);
  std::vector<decltype(read(fields))> values;
  for (size_t i = 0; i < items.size(); ++i) {
    Fields item(items[i], fmt::format("{}.{}[{}]", fields.where(), key, i));
    values.push_back(read(item));
    item.finish();
  }
  return values;
}

template <class List, class Write>
Json written_list(const List& items, Write write) {
  Json array = Json::array();
  for (const auto& item : items) array.push_back(write(item));
  return array;
}

double read_score_number(Fields& fields, const std::string& key);
Json read_free_object(Fields& fields, const std::string& key);
Estimate read_estimate(Fields& fields);
Json written_estimate(const Estimate& estimate);

/// In a section, what has no interval is a plain number.
Estimate read_told(Fields& fields, const std::string& key);
Json written_told(const Estimate& estimate);

Section read_section(Fields& fields);
Json written_section(const Section& section);

}  // namespace fairfight
