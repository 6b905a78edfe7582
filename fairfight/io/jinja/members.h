#pragma once
#include <string>

#include "fairfight/io/jinja/value.h"

// What a value has: attributes, methods, items. What Python has and fairfight has not is refused by name.
namespace fairfight::jinja {

Value attribute(const Value& of, const std::string& name, Limits& limits);      // a.b: an attribute, else an item
Value own_attribute(const Value& of, const std::string& name, Limits& limits);  // a|attr("b"): never an item
Value item(const Value& of, const Value& key, Limits& limits);                  // a[b]: an item, else an attribute

}  // namespace fairfight::jinja
