#include "fairfight/io/jinja/lexer.h"

#include <algorithm>

#include "fairfight/base/error.h"
#include "fairfight/io/shown.h"
#include "fairfight/io/tokenizer/unicode.h"

namespace fairfight::jinja {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

/// Lines end with \n, and that of the last one is no part of the template.
std::string with_plain_lines(std::string_view source) {
  std::string text;
  text.reserve(source.size());
  for (size_t i = 0; i < source.size(); ++i) {
    if (source[i] != '\r') {
      text += source[i];
      continue;
    }
    text += '\n';
    if (i + 1 < source.size() && source[i + 1] == '\n') ++i;
  }
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

class Lexer {
 public:
  Lexer(std::string_view source, const std::string& what) : whole_(with_plain_lines(source)), source_(whole_), what_(what) {}

  std::vector<Token> run() {
    while (at_ < source_.size()) root();
    tokens_.push_back({TokenKind::end, ""});
    return std::move(tokens_);
  }

 private:
  [[noreturn]] void wrong(std::string_view why) const {
    fail("[chat_template] {}: \"{}\": {}", what_, shown(source_.substr(std::min(begin_, source_.size()))), why);
  }
  bool at(std::string_view sign) const { return source_.substr(at_).starts_with(sign); }
  char here(size_t further = 0) const { return at_ + further < source_.size() ? source_[at_ + further] : '\0'; }

  size_t space_from(size_t from) const {
    while (from < source_.size()) {
      size_t next = from;
      if (!unicode::is_python_space(unicode::next(source_, next))) break;
      from = next;
    }
    return from;
  }
  /// Begins a new line after what ends with one.
  void move(size_t to) {
    at_ = to;
    line_begins_ = to > 0 && source_[to - 1] == '\n';
  }
  /// After a tag that ends at `at_`, whose sign is `sign`.
  void close(char sign, bool trims) {
    move(sign == '-' ? space_from(at_) : trims && sign != '+' && here() == '\n' ? at_ + 1
                                                                                : at_);
  }

  /// The text in front of a tag whose sign is `sign`.
  void data(std::string text, char sign, bool of_variable) {
    if (sign == '-') {
      size_t end = 0;
      for (size_t at = 0; at < text.size();)
        if (!unicode::is_python_space(unicode::next(text, at))) end = at;
      text.resize(end);
    } else if (sign != '+' && !of_variable) {  // the indentation of a tag that begins its line
      const size_t line = text.rfind('\n') + 1;
      bool blank = line > 0 || line_begins_;
      for (size_t at = line; blank && at < text.size();) blank = unicode::is_python_space(unicode::next(text, at));
      if (blank) text.resize(line);
    }
    if (!text.empty()) tokens_.push_back({TokenKind::data, std::move(text)});
  }

  void root() {
    size_t open = source_.find('{', at_);
    while (open != source_.npos &&
           (open + 1 >= source_.size() || std::string_view("{%#").find(source_[open + 1]) == std::string_view::npos))
      open = source_.find('{', open + 1);
    if (open == source_.npos) {
      tokens_.push_back({TokenKind::data, std::string(source_.substr(at_))});
      at_ = source_.size();
      return;
    }
    const std::string text(source_.substr(at_, open - at_));
    begin_ = open;
    at_ = open + 2;
    const char kind = source_[open + 1], sign = here() == '-' || here() == '+' ? here() : '\0';
    data(text, sign, kind == '{');
    if (sign) ++at_;
    if (kind == '#') return comment();
    if (kind == '%' && raw()) return;
    tokens_.push_back({kind == '{' ? TokenKind::variable_begin : TokenKind::block_begin, ""});
    inside(kind == '{' ? "}}" : "%}", kind == '{' ? TokenKind::variable_end : TokenKind::block_end);
  }
  void comment() {
    const size_t end = source_.find("#}", at_);
    if (end == source_.npos) wrong("a comment without its end");
    const char sign = end > at_ ? source_[end - 1] : '\0';
    at_ = end + 2;
    close(sign, true);
  }
  /// {% raw %} ... {% endraw %}, of which the inside is text.
  bool raw() {
    size_t at = space_from(at_);
    if (!source_.substr(at).starts_with("raw")) return false;
    at = space_from(at + 3);
    const bool strips = source_.substr(at).starts_with("-%}");
    if (!strips && !source_.substr(at).starts_with("%}")) return false;
    move(strips ? space_from(at + 3) : at + 2);
    for (size_t open = source_.find("{%", at_); open != source_.npos; open = source_.find("{%", open + 2)) {
      size_t end = open + 2;
      const char sign = end < source_.size() && (source_[end] == '-' || source_[end] == '+') ? source_[end] : '\0';
      end = space_from(end + (sign != 0));
      if (!source_.substr(end).starts_with("endraw")) continue;
      end = space_from(end + 6);
      const char behind = end < source_.size() && (source_[end] == '-' || source_[end] == '+') ? source_[end] : '\0';
      end += behind != 0;
      if (!source_.substr(end).starts_with("%}")) continue;
      data(std::string(source_.substr(at_, open - at_)), sign, false);
      at_ = end + 2;
      close(behind, true);
      return true;
    }
    wrong("a raw block without its end");
  }

  void inside(std::string_view closing, TokenKind end) {
    const bool of_block = end == TokenKind::block_end;
    for (std::string open;;) {
      at_ = space_from(at_);
      if (at_ >= source_.size()) wrong("a tag without its end");
      const bool signed_end = (here() == '-' || (here() == '+' && of_block)) && source_.substr(at_ + 1).starts_with(closing);
      if (open.empty() && (signed_end || at(closing))) {
        const char sign = signed_end ? here() : '\0';
        at_ += signed_end + 2;
        close(sign, of_block);
        tokens_.push_back({end, ""});
        return;
      }
      const char c = here();
      if (is_digit(c)) {
        number();
      } else if (is_name(c)) {
        const size_t from = at_;
        while (is_name(here())) ++at_;
        tokens_.push_back({TokenKind::name, std::string(source_.substr(from, at_ - from))});
      } else if (c == '\'' || c == '"') {
        quoted(c);
      } else {
        sign(open);
      }
    }
  }
  void sign(std::string& open) {
    for (const std::string_view two : {"//", "**", "==", "!=", ">=", "<="})
      if (at(two)) {
        tokens_.push_back({TokenKind::sign, std::string(two)});
        at_ += 2;
        return;
      }
    const char c = here();
    if (std::string_view("+-/*%~[](){}><=.:|,;").find(c) == std::string_view::npos)
      wrong(fmt::format("has a \"{}\"", shown(source_.substr(at_, unicode::length(source_.substr(at_))))));
    if (c == '(' || c == '[' || c == '{') {
      open += c == '(' ? ')' : c == '[' ? ']'
                                        : '}';
    } else if (c == ')' || c == ']' || c == '}') {
      if (open.empty() || open.back() != c) wrong(fmt::format("has a \"{}\" that nothing opened", c));
      open.pop_back();
    }
    tokens_.push_back({TokenKind::sign, std::string(1, c)});
    ++at_;
  }

  size_t digits(size_t from) const {  // with _ between them
    size_t end = from;
    while (end < source_.size() && (is_digit(source_[end]) || (source_[end] == '_' && end > from &&
                                                               end + 1 < source_.size() && is_digit(source_[end + 1]))))
      ++end;
    return end;
  }
  void number() {
    const size_t whole = digits(at_);
    size_t end = whole;
    if (at_ == 0 || source_[at_ - 1] != '.') {
      if (end < source_.size() && source_[end] == '.' && digits(end + 1) > end + 1) end = digits(end + 1);
      if (end < source_.size() && (source_[end] | 0x20) == 'e') {
        const size_t power = end + 1 + (end + 1 < source_.size() && (source_[end + 1] == '+' || source_[end + 1] == '-'));
        if (digits(power) > power) end = digits(power);
      }
    }
    std::string text(source_.substr(at_, end - at_));
    std::erase(text, '_');
    if (end == whole) {
      if (here() == '0' && std::string_view("xXbBoO").find(here(1)) != std::string_view::npos && here(1))
        wrong("a number that is not decimal; fairfight does not implement this");
      if (text.size() > 1 && text.find_first_not_of('0') != text.npos && text[0] == '0')
        wrong("a number with a leading zero");
    }
    tokens_.push_back({end == whole ? TokenKind::integer : TokenKind::real, std::move(text)});
    at_ = end;
  }

  void quoted(char quote) {
    std::string text;
    for (++at_; here() != quote || at_ >= source_.size();) {
      if (at_ >= source_.size()) wrong("a text without an end");
      if (here() == '\\')
        escape(text);
      else
        text += source_[at_++];
    }
    ++at_;
    tokens_.push_back({TokenKind::text, std::move(text)});
  }
  /// Python's: those that it does not know stay as they are.
  void escape(std::string& text) {
    ++at_;
    if (at_ >= source_.size()) wrong("a text without an end");
    const char c = here();
    if (static_cast<signed char>(c) <
        0) {  // jinja2 writes what is not ASCII as an escape, of which this backslash takes the backslash
      const char32_t letter = unicode::next(source_, at_);
      text += letter < 0x100     ? fmt::format("\\x{:02x}", unsigned(letter))
              : letter < 0x10000 ? fmt::format("\\u{:04x}", unsigned(letter))
                                 : fmt::format("\\U{:08x}", unsigned(letter));
      return;
    }
    ++at_;
    if (c == '\n') return;
    if (const size_t known = std::string_view("\\'\"abfnrtv").find(c); known != std::string_view::npos) {
      text += "\\'\"\a\b\f\n\r\t\v"[known];
      return;
    }
    if (c >= '0' && c <= '7') {
      --at_;
      return coded(text, 8, 1, 3);
    }
    if (c == 'x' || c == 'u' || c == 'U') {
      const size_t digits = c == 'x' ? 2 : c == 'u' ? 4
                                                    : 8;
      return coded(text, 16, digits, digits);
    }
    if (c == 'N') wrong("a character by its name; fairfight does not implement this");
    (text += '\\') += c;
  }
  void coded(std::string& text, unsigned base, size_t least, size_t most) {
    char32_t letter = 0;
    size_t count = 0;
    for (; count < most; ++count, ++at_) {
      const char c = here();
      const unsigned digit = is_digit(c)            ? unsigned(c - '0')
                             : c >= 'a' && c <= 'f' ? unsigned(c - 'a' + 10)
                             : c >= 'A' && c <= 'F' ? unsigned(c - 'A' + 10)
                                                    : 99;
      if (digit >= base) break;
      letter = letter * base + digit;
    }
    if (count < least) wrong("an escape that is cut off");
    if (letter > 0x10ffff || (letter >= 0xd800 && letter < 0xe000)) wrong("an escape that is no character");
    unicode::append(text, letter);
  }

  const std::string whole_;
  const std::string_view source_;
  const std::string& what_;
  std::vector<Token> tokens_;
  size_t at_ = 0, begin_ = 0;
  bool line_begins_ = true;
};

}  // namespace

std::vector<Token> tokens_of(std::string_view source, const std::string& what) { return Lexer(source, what).run(); }

}  // namespace fairfight::jinja
