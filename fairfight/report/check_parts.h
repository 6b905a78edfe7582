#pragma once
#include <algorithm>
#include <string>
#include <string_view>

#include "fairfight/base/error.h"
#include "fairfight/report/result.h"
#include "fairfight/report/text.h"

// What the check of the core (result_check.cpp) and that of its sections (section_check.cpp) are made of.
namespace fairfight {

/// Names are keys and stand in messages; titles are free.
inline void require_name(const std::string& name) {
  constexpr const char* kLetters = "abcdefghijklmnopqrstuvwxyz0123456789_";
  if (name.empty() || name.size() > 64 || name.find_first_not_of(kLetters) != std::string::npos)
    fail("[result] the name \"{}\": expected 1 to 64 of a-z, 0-9 and _", plain(name));
}

template <class List, class Name>
void require_distinct(const List& items, Name name, std::string_view what) {
  for (auto item = items.begin(); item != items.end(); ++item)
    if (std::any_of(items.begin(), item, [&](const auto& other) { return name(other) == name(*item); }))
      fail("[result] {} {} stands twice", what, plain(fmt::format("{}", name(*item))));
}

inline void require_count(size_t got, size_t expected, std::string_view noun, const std::string& what) {
  if (got != expected) fail("[result] {}: got {} {}, expected {}", what, got, noun, expected);
}

/// Error for a section that does not fit into its result.
void check_sections(const Result& result);

}  // namespace fairfight
