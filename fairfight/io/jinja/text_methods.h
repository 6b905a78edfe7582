#pragma once
#include <optional>
#include <string>

#include "fairfight/io/jinja/value.h"

namespace fairfight::jinja {

bool is_text_method(const std::string& name);  // whether Python's str has it
Value text_method(const std::string& name, const std::string& text, const Arguments& arguments, Limits& limits);

std::string stripped(const std::string& text, bool left, bool right, const std::optional<std::string>& letters);
std::string replaced(const std::string& text, const std::string& what, const std::string& with, int64_t at_most,
                     Limits& limits);
std::vector<std::string> lines_of(const std::string& text, bool with_ends = false);        // str.splitlines
std::string percent(const std::string& form, const Arguments& arguments, Limits& limits);  // form % arguments
std::u32string characters_of(const std::string& text);
std::string text_of(const std::u32string& characters);

}  // namespace fairfight::jinja
