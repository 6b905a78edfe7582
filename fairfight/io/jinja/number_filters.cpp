#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "fairfight/io/jinja/arithmetic.h"
#include "fairfight/io/jinja/filter_table.h"
#include "fairfight/io/jinja/text_methods.h"
#include "fairfight/io/tokenizer/unicode.h"

// Filters that give numbers.
namespace fairfight::jinja {
namespace {

std::optional<double> parsed_real(const std::string& text) {
  std::string plain = stripped(text, true, true, std::nullopt);
  if (plain.find('_') != plain.npos || plain.empty()) return std::nullopt;
  const size_t sign = plain[0] == '+' || plain[0] == '-';
  std::string word = unicode::lower(plain.substr(sign));
  double real = 0;
  if (word == "inf" || word == "infinity" || word == "nan")
    real = word == "nan" ? NAN : INFINITY;
  else if (word.empty() || word.find_first_not_of("0123456789.e+-") != word.npos || word[0] == '+' || word[0] == '-')
    return std::nullopt;
  else if (const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), real);
           error == std::errc::result_out_of_range)
    real = std::strtod(word.c_str(), nullptr);
  else if (error != std::errc() || end != word.data() + word.size())
    return std::nullopt;
  return plain[0] == '-' ? -real : real;
}

std::optional<int64_t> parsed_integer(const std::string& text, Limits& limits) {
  const std::string plain = stripped(text, true, true, std::nullopt);
  const size_t sign = plain.starts_with('+') || plain.starts_with('-');
  if (plain.find('_') != plain.npos ||
      std::any_of(plain.begin(), plain.end(), [](char c) { return static_cast<signed char>(c) < 0; }))
    limits.refuse("a number of such letters");
  if (plain.size() == sign || plain.find_first_not_of("0123456789", sign) != plain.npos) return std::nullopt;
  int64_t number = 0;
  require_64_bits(std::from_chars(plain.data() + (plain[0] == '+'), plain.data() + plain.size(), number).ec == std::errc(),
                  limits);
  return number;
}

Value whole(double real, Limits& limits) {
  if (!(std::abs(real) < 9.2e18)) limits.refuse("a number of more than 64 bits");
  return int64_t(real);
}

Value absolute(const Use& use) {
  const Given none = use.given();
  if (const auto number = use.of.integer()) {
    require_64_bits(*number != INT64_MIN, use.limits);
    return std::abs(*number);
  }
  if (!use.of.number()) use.limits.wrong(fmt::format("abs of {}", type_of(use.of)));
  return std::abs(*use.of.number());
}

Value to_integer(const Use& use) {
  const Given given = use.given({"default", "base"});
  const Value& of = use.of;
  if (given[1] && given.integer(1) != 10) use.limits.refuse("int of another base");
  if (!of.is_defined()) use.limits.wrong("an integer of what is not defined");
  if (of.integer()) return *of.integer();
  if (of.text())
    if (const auto number = parsed_integer(*of.text(), use.limits)) return *number;
  const auto real = of.text() ? parsed_real(*of.text()) : of.number();
  if (real && std::isfinite(*real)) return whole(*real, use.limits);
  return given[0] ? *given[0] : Value(int64_t(0));
}

Value to_real(const Use& use) {
  const Given given = use.given({"default"});
  if (use.of.number()) return *use.of.number();
  if (!use.of.is_defined()) use.limits.wrong("a float of what is not defined");
  const auto real = use.of.text() ? parsed_real(*use.of.text()) : std::nullopt;
  return real ? Value(*real) : given[0] ? *given[0]
                                        : Value(0.0);
}

Value round(const Use& use) {
  const Given given = use.given({"precision", "method"});
  const Value& of = use.of;
  const int64_t digits = given.integer(0);
  const std::string way = given.text(1, "common");
  if (way != "common" && way != "ceil" && way != "floor")
    use.limits.wrong("rounds neither \"common\" nor \"ceil\" nor \"floor\"");
  if (!of.number()) use.limits.wrong(fmt::format("rounds {}", type_of(of)));
  if (digits < 0 || digits > 300) use.limits.refuse("rounds to that many digits");
  if (way != "common") {
    const double by = std::pow(10.0, double(digits)), value = *of.number() * by;
    return (way == "ceil" ? std::ceil(value) : std::floor(value)) / by;
  }
  if (of.integer()) return *of.integer();
  if (!std::isfinite(*of.number())) return *of.number();
  return std::strtod(fmt::format("{:.{}f}", *of.number(), digits).c_str(), nullptr);
}

}  // namespace

Filters number_filters() { return {{"abs", absolute}, {"float", to_real}, {"int", to_integer}, {"round", round}}; }

}  // namespace fairfight::jinja
