#pragma once
#include <string>

#include "fairfight/io/jinja/value.h"

namespace fairfight::jinja {

/// + - * / // % **, of numbers, texts and lists.
Value arithmetic(const std::string& sign, const Value& left, const Value& right, Limits& limits);
void require_64_bits(bool fits, const Limits& limits);  // Python's integers have no end

}  // namespace fairfight::jinja
