#include "fairfight/report/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace fairfight {
namespace {

constexpr char32_t kInvalid = 0xFFFD;
constexpr std::string_view kMinus = "\u2212";

/// Takes one character off the front of `bytes`; overlong forms, surrogates and stray bytes give U+FFFD and cost one byte.
char32_t take(std::string_view& bytes) {
  const auto lead = static_cast<unsigned char>(bytes.front());
  const size_t length = lead < 0x80 ? 1 : lead >> 5 == 6 ? 2
                                      : lead >> 4 == 14  ? 3
                                      : lead >> 3 == 30  ? 4
                                                         : 0;
  constexpr std::array<char32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
  char32_t code = length == 1 ? lead : lead & (0x7f >> length);
  bool valid = length > 0 && length <= bytes.size();
  for (size_t i = 1; valid && i < length; ++i) {
    valid = (bytes[i] & 0xc0) == 0x80;
    code = code << 6 | (bytes[i] & 0x3f);
  }
  valid = valid && code >= kSmallest[length] && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
  bytes.remove_prefix(valid ? length : 1);
  return valid ? code : kInvalid;
}

bool is_control(char32_t code) {
  return code < 0x20 || (code >= 0x7f && code <= 0x9f) || code == 0x2028 || code == 0x2029;  // C0, DEL, C1, line separators
}

bool turns_direction(char32_t code) {
  return code == 0x061C || code == 0x200E || code == 0x200F || (code >= 0x202A && code <= 0x202E) ||
         (code >= 0x2066 && code <= 0x2069);
}

/// The first `count` characters.
std::string_view prefix(std::string_view text, size_t count) {
  size_t end = 0;
  for (; end < text.size(); ++end)
    if ((text[end] & 0xc0) != 0x80 && count-- == 0) break;
  return text.substr(0, end);
}

std::string cut(std::string_view text, size_t width) {
  if (width_of(text) <= width) return std::string(text);
  return width == 0 ? std::string() : std::string(prefix(text, width - 1)) + "…";
}

}  // namespace

std::string plain(std::string_view untrusted) {
  std::string safe;
  while (!untrusted.empty()) {
    const std::string_view before = untrusted;
    const char32_t code = take(untrusted);
    if (turns_direction(code)) continue;
    if (is_control(code)) {
      safe += ' ';
    } else if (code == kInvalid) {
      safe += "\uFFFD";
    } else {
      safe += before.substr(0, before.size() - untrusted.size());
    }
  }
  return safe;
}

std::string spoken(std::string_view name) {
  std::string words = plain(name);
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

std::string fixed(double value, int digits) {
  std::string number = fmt::format("{:.{}f}", std::abs(value), digits);
  const bool zero = number.find_first_of("123456789") == std::string::npos;  // no "-0.000"
  return value < 0 && !zero ? std::string(kMinus) + number : number;
}

std::string signed_fixed(double value, int digits) {
  std::string number = fixed(value, digits);
  const bool positive = value > 0 && number.find_first_of("123456789") != std::string::npos;
  return positive ? "+" + number : number;
}

std::string percent(double fraction, int digits) { return fixed(100 * fraction, digits) + " %"; }

std::string share_text(double fraction) { return fraction == 0 ? "none" : fmt::format("{:.3g} %", 100 * fraction); }

std::string between(double low, double high) {
  const std::string start = fixed(low, 3);
  return start + (start.starts_with(kMinus) ? " to " : "–") + fixed(high, 3);
}

std::string si(double amount) {
  constexpr std::array<const char*, 7> kPrefixes = {"", " k", " M", " G", " T", " P", " E"};
  size_t step = 0;
  while (std::abs(amount) >= 999.5 && step + 1 < kPrefixes.size()) {
    amount /= 1000;
    ++step;
  }
  const double size = std::abs(amount);
  if (size >= 999.5) return fmt::format("{:.2e}{}", amount, kPrefixes[step]);
  const bool whole = step == 0 && size == std::floor(size);
  return fixed(amount, whole || size >= 99.95 ? 0 : size >= 9.995 ? 1
                                                                  : 2) +
         kPrefixes[step];
}

std::string thousands(int64_t amount) {
  std::string digits = fmt::format("{}", amount < 0 ? 0 - uint64_t(amount) : uint64_t(amount));
  for (auto place = std::ssize(digits) - 3; place > 0; place -= 3) digits.insert(size_t(place), 1, ',');
  return amount < 0 ? std::string(kMinus) + digits : digits;
}

std::string duration(double seconds) {
  if (seconds < 59.95) return fixed(seconds, 1) + " s";
  if (seconds >= 3.6e12) return fmt::format("{:.2g} h", seconds / 3600);
  const auto whole = std::llround(seconds);
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
}

std::string counted(int64_t amount, std::string_view noun) {
  return fmt::format("{} {}{}", thousands(amount), noun, amount == 1 ? "" : "s");
}

size_t width_of(std::string_view text) {
  return size_t(std::count_if(text.begin(), text.end(), [](char byte) { return (byte & 0xc0) != 0x80; }));
}

std::string align_left(std::string_view text, size_t width) {
  std::string line = cut(text, width);
  return line.append(width - width_of(line), ' ');
}

std::string align_right(std::string_view text, size_t width) {
  const std::string line = cut(text, width);
  return std::string(width - width_of(line), ' ') + line;
}

std::vector<std::string> wrapped(std::string_view text, size_t width) {
  std::vector<std::string> lines;
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    if (text.empty()) return lines;
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(word.size());
    if (!lines.empty() && width_of(lines.back()) + 1 + width_of(word) <= width) {
      lines.back().append(" ").append(word);
    } else {
      lines.emplace_back(word);
    }
  }
}

}  // namespace fairfight
