#pragma once
#include <optional>
#include <string>

#include "fairfight/io/jinja/value.h"

// How Python and its json write values.
namespace fairfight::jinja {

std::string str(const Value& value, Limits& limits);
std::string repr(const Value& value, Limits& limits);

struct JsonForm {
  bool ascii = false, sorted = false;
  std::optional<std::string> indent;
  std::string comma = ", ", colon = ": ";
};
std::string to_json(const Value& value, const JsonForm& form, Limits& limits);

}  // namespace fairfight::jinja
