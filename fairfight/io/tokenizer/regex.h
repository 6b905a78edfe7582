#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "fairfight/base/json.h"

namespace fairfight {

/// A regular expression of a tokenizer.json, in the language that `tokenizers` reads it in (Oniguruma's Ruby), run by PCRE2.
/// What means something else to the two is translated or refused. An expression that cannot make up its mind about a text
/// (catastrophic backtracking) is an error when it is used.
class Regex {
 public:
  Regex(std::string_view pattern, std::string where);

  /// Calls `visit(begin, end)` for the matches in `text`, which is valid UTF-8, from left to right.
  void matches(std::string_view text, const std::function<void(size_t, size_t)>& visit) const;

 private:
  struct Compiled;
  std::string where_;
  std::shared_ptr<const Compiled> compiled_;
};

/// Calls its second argument for every match of a pattern.
using Matcher = std::function<void(std::string_view, const std::function<void(size_t, size_t)>&)>;
Matcher read_pattern(const Json& pattern, const std::string& where);  // {"String": "..."} or {"Regex": "..."}
Matcher each_character_that(bool (*is)(char32_t));

/// The pattern as PCRE2 is to read it.
std::string translated_regex(std::string_view pattern, const std::string& where);

}  // namespace fairfight
