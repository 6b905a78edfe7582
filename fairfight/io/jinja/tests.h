#pragma once
#include <string>
#include <string_view>

#include "fairfight/io/jinja/value.h"

// Jinja's tests: what stands after `is`.
namespace fairfight::jinja {

bool is_test(std::string_view name);  // whether jinja2 has one
bool test(const std::string& name, const Value& of, const Arguments& arguments, Limits& limits);

}  // namespace fairfight::jinja
