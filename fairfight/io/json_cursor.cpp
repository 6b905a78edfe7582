#include "fairfight/io/json_cursor.h"

#include <algorithm>
#include <charconv>

#include "fairfight/base/error.h"
#include "fairfight/io/tokenizer/unicode.h"

namespace fairfight {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool in_a_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '+' || c == '.';
}

}  // namespace

size_t JsonCursor::next() {
  while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  return at_;
}

bool JsonCursor::take(char c) {
  if (next() == text_.size() || text_[at_] != c) return false;
  ++at_;
  return true;
}

void JsonCursor::expect(char c, std::string_view expected) {
  if (!take(c)) refuse(expected);
}

void JsonCursor::end() {
  if (next() != text_.size()) refuse("nothing more");
}

std::string JsonCursor::text(std::string_view expected) {
  expect('"', expected);
  const size_t from = at_;
  while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
  if (at_ >= text_.size()) {
    at_ = text_.size();
    refuse("a closing quote");
  }
  std::string result = unescaped(from, at_);
  ++at_;
  return result;
}

std::string JsonCursor::unescaped(size_t from, size_t end) {
  std::string result;
  result.reserve(end - from);
  for (size_t i = from; i < end;) {
    const size_t run = i;                                        // of plain ASCII
    while (i < end && text_[i] >= ' ' && text_[i] != '\\') ++i;  // a byte over 127 is negative
    result.append(text_, run, i - run);
    if (i == end) break;
    at_ = i;
    const auto c = static_cast<unsigned char>(text_[i]);
    if (c < ' ') refuse("control characters only as escapes");
    if (c != '\\') {
      const size_t length = unicode::length(text_.substr(i, end - i));
      if (length == 0) refuse("UTF-8");
      result.append(text_, i, length);
      i += length;
      continue;
    }
    constexpr std::string_view kEscapes = "\"\\/bfnrt", kMeanings = "\"\\/\b\f\n\r\t";
    if (const size_t simple = kEscapes.find(text_[i + 1]); simple != kEscapes.npos) {  // text() saw what follows a backslash
      result += kMeanings[simple];
      i += 2;
      continue;
    }
    if (text_[i + 1] != 'u') refuse("an escape of JSON");
    char32_t character = hex(i + 2, end);
    i += 6;
    if (character >= 0xd800 && character < 0xdc00) {  // the first half of a pair
      if (i + 1 >= end || text_[i] != '\\' || text_[i + 1] != 'u') refuse("the second half of a surrogate pair");
      const char32_t low = hex(i + 2, end);
      if (low < 0xdc00 || low > 0xdfff) refuse("the second half of a surrogate pair");
      character = 0x10000 + ((character - 0xd800) << 10) + (low - 0xdc00);
      i += 6;
    } else if (character >= 0xdc00 && character <= 0xdfff) {
      refuse("the first half of a surrogate pair");
    }
    unicode::append(result, character);
  }
  at_ = end;
  return result;
}

char32_t JsonCursor::hex(size_t from, size_t end) const {
  char32_t value = 0;
  for (size_t i = from; i < from + 4; ++i) {
    const char c = i < end ? text_[i] : '"', letter = char(c | 0x20);
    if (!is_digit(c) && (letter < 'a' || letter > 'f')) refuse("four hexadecimal digits after \\u");
    value = value * 16 + char32_t(is_digit(c) ? c - '0' : letter - 'a' + 10);
  }
  return value;
}

uint64_t JsonCursor::natural() {
  constexpr std::string_view kExpected = "an integer from 0 to 9223372036854775807";
  const size_t from = next();
  size_t end = from;
  while (end < text_.size() && in_a_word(text_[end])) ++end;
  uint64_t value = 0;
  const char *first = text_.data() + from, *last = text_.data() + end;
  const auto [ptr, error] = std::from_chars(first, last, value);
  if (from == end || ptr != last || error != std::errc() || value > uint64_t(INT64_MAX)) refuse(kExpected);
  if (*first == '0' && end - from > 1) refuse(kExpected);  // JSON has no leading zeros
  at_ = end;
  return value;
}

double JsonCursor::number() {
  const size_t from = next();
  size_t at = from;
  const auto digits = [&] {
    const size_t first = at;
    while (at < text_.size() && is_digit(text_[at])) ++at;
    return at - first;
  };
  const auto have = [&](std::string_view any) { return at < text_.size() && any.find(text_[at]) != any.npos && ++at; };
  have("-");
  const size_t whole = at;
  bool good = digits() > 0 && (text_[whole] != '0' || at - whole == 1);
  if (good && have(".")) good = digits() > 0;
  if (good && have("eE")) good = (have("+-"), digits() > 0);
  double value = 0;
  const char *first = text_.data() + from, *last = text_.data() + at;
  if (good) good = std::from_chars(first, last, value).ec == std::errc();
  if (!good || (at < text_.size() && in_a_word(text_[at]))) refuse("a number");
  at_ = at;
  return value;
}

bool JsonCursor::flag() {
  next();
  for (std::string_view word : {"true", "false"})
    if (text_.substr(at_).starts_with(word)) {
      at_ += word.size();
      return word == "true";
    }
  refuse("true or false");
}

bool JsonCursor::null() {
  if (peek() != 'n') return false;
  if (!text_.substr(at_).starts_with("null")) refuse("a value");
  at_ += 4;
  return true;
}

char JsonCursor::peek() { return next() < text_.size() ? text_[at_] : '\0'; }

std::string_view JsonCursor::skip() {
  const size_t from = next();
  size_t depth = 0;
  do {
    const char c = peek();
    if (c == '"') {
      for (++at_; at_ < text_.size() && text_[at_] != '"';) at_ += text_[at_] == '\\' ? 2 : 1;
      if (at_ >= text_.size()) at_ = text_.size(), refuse("a closing quote");
      ++at_;
    } else if (c == '{' || c == '[') {
      if (++depth > 64) refuse("at most 64 levels");
      ++at_;
    } else if (c == '}' || c == ']' || c == ',' || c == ':') {
      if (depth == 0) refuse("a value");
      depth -= c == '}' || c == ']';
      ++at_;
    } else {
      const size_t word = at_;
      while (at_ < text_.size() && in_a_word(text_[at_])) ++at_;
      if (at_ == word) refuse("a value");
    }
  } while (depth > 0);
  return text_.substr(from, at_ - from);
}

void JsonCursor::refuse(std::string_view expected) const {
  fail("[json] {}{}: byte {}: got {}, expected {}", what_, path(), at_, found(), expected);
}

std::string JsonCursor::path() const {
  std::string path;
  for (auto key : path_) path += fmt::format("{}\"{}\"", path.empty() ? ": " : ".", key);
  return path;
}

std::string JsonCursor::found() const {
  if (at_ >= text_.size()) return "the end of the text";
  const char c = text_[at_];
  if (c == '{') return "an object";
  if (c == '[') return "an array";
  if (c == '"') return "a text";
  if (c <= ' ' || c == 127) return fmt::format("a byte 0x{:02x}", static_cast<unsigned char>(c));
  size_t end = at_;
  while (end < text_.size() && end - at_ < 40 && in_a_word(text_[end])) ++end;
  return std::string(text_.substr(at_, std::max<size_t>(end - at_, 1)));
}

}  // namespace fairfight
