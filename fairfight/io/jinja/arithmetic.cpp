#include "fairfight/io/jinja/arithmetic.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fairfight/io/jinja/text_methods.h"

namespace fairfight::jinja {
namespace {

using Form = Sequence::Form;

double floor_rest(double a, double b) {  // Python's a % b
  double rest = std::fmod(a, b);
  if (rest != 0 && (rest < 0) != (b < 0)) rest += b;
  return rest != 0 ? rest : std::copysign(0.0, b);
}
double floor_quotient(double a, double b) {  // Python's a // b
  const double rest = std::fmod(a, b);
  double quotient = (a - rest) / b;
  if (rest != 0 && (rest < 0) != (b < 0)) quotient -= 1;
  if (quotient == 0) return std::copysign(0.0, a / b);
  const double whole = std::floor(quotient);
  return quotient - whole > 0.5 ? whole + 1 : whole;
}

Value of_integers(char sign, bool twice, int64_t a, int64_t b, Limits& limits) {
  int64_t result = 0;
  if (sign == '+' || sign == '-' || (sign == '*' && !twice)) {
    const bool overflows = sign == '+'   ? __builtin_add_overflow(a, b, &result)
                           : sign == '-' ? __builtin_sub_overflow(a, b, &result)
                                         : __builtin_mul_overflow(a, b, &result);
    require_64_bits(!overflows, limits);
    return result;
  }
  if (sign == '*') {
    if (b < 0 && a == 0) limits.wrong("divides by zero");
    if (b < 0) return std::pow(double(a), double(b));
    require_64_bits(b <= 64 || (a >= -1 && a <= 1), limits);
    result = 1;
    for (int64_t i = b > 64 ? b % 2 + 2 : b; i > 0; --i)
      require_64_bits(!__builtin_mul_overflow(result, a, &result), limits);
    return result;
  }
  if (b == 0) limits.wrong("divides by zero");
  require_64_bits(a != INT64_MIN || b != -1, limits);
  if (sign == '/' && !twice) {
    constexpr int64_t exact = int64_t(1) << 53;
    if (a > exact || a < -exact || b > exact || b < -exact) limits.refuse("divides numbers that large");
    return double(a) / double(b);
  }
  const int64_t rest = a % b != 0 && (a % b < 0) != (b < 0) ? a % b + b : a % b;  // of the divisor's sign
  return sign == '%' ? rest : (a - rest) / b;
}

Value of_reals(char sign, bool twice, double a, double b, Limits& limits) {
  if (sign == '+') return a + b;
  if (sign == '-') return a - b;
  if (sign == '*' && !twice) return a * b;
  if (sign == '*') {
    if (a == 0 && b < 0) limits.wrong("divides by zero");
    if (a < 0 && b != std::floor(b)) limits.refuse("a complex number");
    const double power = std::pow(a, b);
    if (std::isinf(power) && !std::isinf(a) && !std::isinf(b)) limits.wrong("a power that is too large");
    return power;
  }
  if (b == 0) limits.wrong("divides by zero");
  if (sign == '/' && !twice) return a / b;
  return sign == '%' ? floor_rest(a, b) : floor_quotient(a, b);
}

Value times(const Value& what, int64_t count, Limits& limits) {
  const size_t times = size_t(std::max<int64_t>(count, 0));
  if (const std::string* text = what.text()) {
    if (text->empty()) return "";
    limits.text(times > Limits::kMaxText ? times : times * text->size());
    std::string all;
    for (size_t i = 0; i < times; ++i) all += *text;
    return all;
  }
  const Values& items = what.sequence()->all;
  limits.items(items.empty() ? 0 : times > Limits::kMaxItems ? times
                                                             : times * items.size());
  Values all;
  for (size_t i = 0; i < times && !items.empty(); ++i) all.insert(all.end(), items.begin(), items.end());
  return sequence_of(std::move(all), what.sequence()->form, limits);
}

}  // namespace

void require_64_bits(bool fits, const Limits& limits) {
  if (!fits) limits.refuse("a number of more than 64 bits");
}

Value arithmetic(const std::string& sign, const Value& left, const Value& right, Limits& limits) {
  const bool twice = sign.size() == 2;
  if (left.integer() && right.integer()) return of_integers(sign[0], twice, *left.integer(), *right.integer(), limits);
  if (left.number() && right.number()) return of_reals(sign[0], twice, *left.number(), *right.number(), limits);
  const auto safe_text = [](const Value& value) { return value.text() && value.as<Text>()->safe; };
  if (safe_text(left) || safe_text(right)) limits.refuse(fmt::format("\"{}\" of a safe text", sign));
  const auto grows = [](const Value& value) {
    return value.sequence() && (value.sequence()->form == Form::list || value.sequence()->form == Form::tuple);
  };
  if (sign == "+" && left.text() && right.text()) {
    limits.text(left.text()->size() + right.text()->size());
    return *left.text() + *right.text();
  }
  if (sign == "+" && grows(left) && grows(right) && left.sequence()->form == right.sequence()->form) {
    Values all = left.sequence()->all;
    limits.items(all.size() + right.sequence()->all.size());
    all.insert(all.end(), right.sequence()->all.begin(), right.sequence()->all.end());
    return sequence_of(std::move(all), left.sequence()->form, limits);
  }
  if (sign == "*" && (left.text() || grows(left)) && right.integer()) return times(left, *right.integer(), limits);
  if (sign == "*" && (right.text() || grows(right)) && left.integer()) return times(right, *left.integer(), limits);
  if (sign == "%" && left.text() && right.is_defined()) {
    if (right.sequence() && right.sequence()->form == Form::tuple)
      return percent(*left.text(), {right.sequence()->all, {}}, limits);
    if (right.dict() || right.sequence()) limits.refuse(fmt::format("% of a text and {}", type_of(right)));
    return percent(*left.text(), {{right}, {}}, limits);
  }
  if ((sign == "-" || sign == "+") && left.sequence() && right.sequence() && left.sequence()->form >= Form::keys &&
      sign == "-")
    limits.refuse("a difference of views of dicts");
  limits.wrong(fmt::format("\"{}\" of {} and {}{}", sign, type_of(left), type_of(right),
                           !left.is_defined() && left.as<Undefined>()->why ? ": " + *left.as<Undefined>()->why : ""));
}

}  // namespace fairfight::jinja
