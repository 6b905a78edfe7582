#pragma once
#include <string>
#include <string_view>

#include "fairfight/io/jinja/value.h"

// Jinja's filters: what stands after `|`.
namespace fairfight::jinja {

bool is_filter(std::string_view name);  // whether jinja2 has one
/// One that is not implemented is refused by name.
Value filter(const std::string& name, const Value& of, const Arguments& arguments, Limits& limits);

}  // namespace fairfight::jinja
