#pragma once
#include <functional>
#include <initializer_list>
#include <map>
#include <string>

#include "fairfight/io/jinja/given.h"

namespace fairfight::jinja {

/// One use of a filter: of | name(arguments).
struct Use {
  const std::string& name;
  const Value& of;
  const Arguments& arguments;
  Limits& limits;

  Given given(std::initializer_list<const char*> names = {}, size_t needed = 0) const {
    return Given(name, arguments, names, needed, limits);
  }
  Values items() const { return items_of(of, limits); }
};

using Filters = std::map<std::string, Value (*)(const Use&), std::less<>>;
Filters list_filters();
Filters number_filters();
Filters text_filters();

}  // namespace fairfight::jinja
