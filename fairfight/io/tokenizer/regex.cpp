#define PCRE2_CODE_UNIT_WIDTH 8
#include "fairfight/io/tokenizer/regex.h"

#include <pcre2.h>

#include <algorithm>

#include "fairfight/base/error.h"
#include "fairfight/io/shown.h"
#include "fairfight/io/tokenizer/unicode.h"

namespace fairfight {
namespace {

constexpr size_t kLongestPattern = 16'384;
constexpr uint32_t kMatchLimit = 5'000'000;  // steps for one match; a whole megabyte of one word needs one a character
constexpr const char* kSpace =
    R"(\x{9}-\x{d}\x{20}\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000})";
constexpr const char* kNoSpace =
    R"(\x{0}-\x{8}\x{e}-\x{1f}\x{21}-\x{84}\x{86}-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}\x{202a}-\x{202e}\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{10ffff})";

class Translator {
 public:
  Translator(std::string_view pattern, const std::string& where) : pattern_(pattern), where_(where) {}

  std::string run() {
    if (pattern_.size() > kLongestPattern) refuse(fmt::format("is longer than {} bytes", kLongestPattern));
    if (!unicode::is_utf8(pattern_)) refuse("is no UTF-8");
    if (pattern_.starts_with("(?i)")) at_ = 4, out_ = "(?i)";
    while (at_ < pattern_.size()) item();
    return out_;
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    fail("[tokenizer] {}: the regular expression \"{}\" {}; fairfight does not implement this", where_, shown(pattern_),
         why);
  }
  bool starts(std::string_view what) const { return pattern_.substr(at_).starts_with(what); }
  void copy(size_t bytes) {
    out_ += pattern_.substr(at_, bytes);
    at_ += bytes;
  }

  void item() {
    const char c = pattern_[at_];
    if (c == '\\') return escape(false);
    if (c == '[') return set();
    if (c == '.') {
      out_ += "[^\\n]";
      ++at_;
    } else if (c == '(') {
      group();
    } else if (c == '{') {
      interval();
    } else if (c == ']' || c == '}') {
      out_ += '\\';
      copy(1);
    } else {
      copy(1);  // a letter, or one of | ) ^ $ * + ?, which mean the same
    }
  }

  void group() {
    if (!starts("(?")) return copy(1);
    for (std::string_view known : {"(?:", "(?i:", "(?=", "(?!", "(?<=", "(?<!", "(?>"})
      if (starts(known)) return copy(known.size());
    refuse(fmt::format("has a group \"{}\"", shown(pattern_.substr(at_, 4))));
  }

  void interval() {
    size_t end = at_ + 1, commas = 0;
    while (end < pattern_.size() && (isdigit(static_cast<unsigned char>(pattern_[end])) || pattern_[end] == ','))
      commas += pattern_[end++] == ',';
    const bool whole =
        end < pattern_.size() && pattern_[end] == '}' && end > at_ + 1 && pattern_[at_ + 1] != ',' && commas < 2;
    const char behind = end + 1 < pattern_.size() ? pattern_[end + 1] : 0;
    if (!whole || behind == '+' || behind == '?' || behind == '*' || behind == '{')
      refuse("has a { that is no simple {n,m}");
    copy(end + 1 - at_);
  }

  /// Outside of a class, or as an item of one.
  void escape(bool in_class) {
    if (at_ + 1 == pattern_.size()) refuse("ends in a backslash");
    const char c = pattern_[at_ + 1];
    if (c == 'p' || c == 'P') return property(in_class);
    const auto put = [&](std::string_view items, std::string_view others) {
      if (in_class)
        out_ += c == 'S' ? others : items;
      else
        out_ += fmt::format("[{}{}]", c == 'S' || c == 'D' ? "^" : "", items);
      at_ += 2;
    };
    if (c == 's' || c == 'S') return put(kSpace, kNoSpace);
    if (c == 'd' || (c == 'D' && !in_class)) return put(fmt::format("\\p{{Nd}}{}", unicode::later_members("Nd")), "");
    if (c == 'v') {
      out_ += "\\x{b}";  // to PCRE2 it is a class
      at_ += 2;
      return;
    }
    if ((c == 'A' || c == 'z') && !in_class) return copy(2);
    const bool letter = isalnum(static_cast<unsigned char>(c)) || static_cast<signed char>(c) < 0;
    if (letter && std::string_view("nrtfae").find(c) == std::string_view::npos)
      refuse(fmt::format("has \"{}\"", shown(pattern_.substr(at_, 2))));
    copy(2);
  }

  void property(bool in_class) {
    const size_t end = pattern_.find('}', at_);
    if (at_ + 2 >= pattern_.size() || pattern_[at_ + 2] != '{' || end == pattern_.npos) refuse("has a \\p without a {name}");
    std::string_view name = pattern_.substr(at_ + 3, end - at_ - 3);
    bool negated = pattern_[at_ + 1] == 'P';
    if (name.starts_with('^')) negated = !negated, name.remove_prefix(1);
    const char* later = unicode::later_members(name);
    if (!later || (negated && in_class)) refuse(fmt::format("has \"{}\"", shown(pattern_.substr(at_, end + 1 - at_))));
    const std::string items = fmt::format("\\p{{{}}}{}", name, later);
    out_ += in_class ? items : fmt::format("[{}{}]", negated ? "^" : "", items);
    at_ = end + 1;
  }

  void set() {
    copy(1);
    if (starts("^")) copy(1);
    if (starts("]")) refuse("has a class that begins with ]");
    while (!starts("]")) {
      if (at_ == pattern_.size()) refuse("has a class without an end");
      if (starts("[") || starts("&&")) refuse("has a class in a class");
      if (pattern_[at_] == '\\')
        escape(true);
      else
        copy(1);
    }
    copy(1);
  }

  std::string_view pattern_;
  const std::string& where_;
  size_t at_ = 0;
  std::string out_;
};

}  // namespace

std::string translated_regex(std::string_view pattern, const std::string& where) { return Translator(pattern, where).run(); }

struct Regex::Compiled {
  pcre2_code* code = nullptr;
  pcre2_match_context* limits = nullptr;
  ~Compiled() {
    pcre2_code_free(code);
    pcre2_match_context_free(limits);
  }
};

Regex::Regex(std::string_view pattern, std::string where) : where_(std::move(where)) {
  const std::string translated = translated_regex(pattern, where_);
  const auto compiled = std::make_shared<Compiled>();
  pcre2_compile_context* context = pcre2_compile_context_create(nullptr);
  pcre2_set_newline(context, PCRE2_NEWLINE_LF);
  int error = 0;
  size_t place = 0;
  compiled->code =
      pcre2_compile(reinterpret_cast<PCRE2_SPTR>(translated.data()), translated.size(),
                    PCRE2_UTF | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C | PCRE2_NO_AUTO_CAPTURE, &error, &place, context);
  pcre2_compile_context_free(context);
  if (!compiled->code) {
    char message[200];
    pcre2_get_error_message(error, reinterpret_cast<PCRE2_UCHAR*>(message), sizeof message);
    fail("[tokenizer] {}: the regular expression \"{}\" is none: {}", where_, shown(pattern), message);
  }
  pcre2_jit_compile(compiled->code, PCRE2_JIT_COMPLETE);  // without it, it is only slower
  compiled->limits = pcre2_match_context_create(nullptr);
  pcre2_set_match_limit(compiled->limits, kMatchLimit);
  compiled_ = compiled;
}

void Regex::matches(std::string_view text, const std::function<void(size_t, size_t)>& visit) const {
  const auto free_data = [](pcre2_match_data* data) { pcre2_match_data_free(data); };
  const std::unique_ptr<pcre2_match_data, decltype(free_data)> data(pcre2_match_data_create(1, nullptr), free_data);
  const size_t* found = pcre2_get_ovector_pointer(data.get());
  size_t from = 0, last = text.npos;  // where the last match ended
  while (from <= text.size()) {
    const int count = pcre2_match(compiled_->code, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), from,
                                  PCRE2_NO_UTF_CHECK, data.get(), compiled_->limits);
    if (count == PCRE2_ERROR_NOMATCH) return;
    if (count < 0)
      fail("[tokenizer] {}: a regular expression finds no end on \"{}\": PCRE2's error {}", where_, shown(text), count);
    const auto [begin, end] = std::pair(found[0], found[1]);
    if (begin == end && end == last) {  // nothing, right after a match: look one character further
      from += std::max<size_t>(unicode::length(text.substr(std::min(from, text.size()))), 1);
      continue;
    }
    from = last = end;
    visit(begin, end);
  }
}

Matcher read_pattern(const Json& json, const std::string& where) {
  Fields fields(json, where);
  if (fields.has("Regex")) {
    const auto regex = std::make_shared<Regex>(fields.text("Regex"), where);
    fields.finish();
    return [regex](std::string_view text, const auto& visit) { regex->matches(text, visit); };
  }
  const std::string wanted = fields.text("String");
  fields.finish();
  if (wanted.empty()) fail("[tokenizer] {}: the pattern is empty", where);
  return [wanted](std::string_view text, const auto& visit) {
    for (size_t at = text.find(wanted); at != text.npos; at = text.find(wanted, at + wanted.size()))
      visit(at, at + wanted.size());
  };
}

Matcher each_character_that(bool (*is)(char32_t)) {
  return [is](std::string_view text, const auto& visit) {
    for (size_t at = 0; at < text.size();) {
      const size_t begin = at;
      if (is(unicode::next(text, at))) visit(begin, at);
    }
  };
}

}  // namespace fairfight
