#include "fairfight/io/tokenizer/template_library.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <map>
#include <set>

#include "fairfight/io/shown.h"
#include "fairfight/io/tokenizer/template_text.h"
#include "fairfight/io/tokenizer/unicode.h"

namespace fairfight::jinja {
namespace {

using Form = Sequence::Form;
using Names = std::set<std::string, std::less<>>;

// What the sandbox lets nobody call, because it changes its object.
const Names kChangesDict{"clear", "pop", "popitem", "setdefault", "update"},
    kChangesList{"append", "clear", "pop", "reverse", "insert", "sort", "extend", "remove"};
const Names kDictMethods{"copy", "fromkeys", "get", "items", "keys", "values"}, kListMethods{"copy", "count", "index"},
    kTupleMethods{"count", "index"},
    kNumberMethods{"as_integer_ratio", "bit_count", "bit_length", "conjugate", "denominator",
                   "from_bytes",       "fromhex",   "hex",        "imag",      "is_integer",
                   "numerator",        "real",      "to_bytes"},
    kRangeMembers{"count", "index", "start", "step", "stop"}, kViewMembers{"isdisjoint", "mapping"};

struct Method : Object {
  Method(Value self, std::string name) : self(std::move(self)), name(std::move(name)) {}
  const char* type() const override { return "a method"; }
  bool callable() const override { return true; }
  Value call(const Arguments& arguments, Limits& limits) override {
    if (const std::string* text = self.text()) {
      if (self.as<Text>()->safe) limits.refuse(fmt::format("the method \"{}\" of a safe text", name));
      return text_method(name, *text, arguments, limits);
    }
    if (const Dict* dict = self.dict()) return of_dict(*dict, arguments, limits);
    const Sequence* list = self.sequence();
    if (!list || name == "copy")
      return Given(name, arguments, {}, 0, limits),
             self.sequence() ? list_of(list->all, limits) : (limits.refuse(fmt::format("the method \"{}\"", name)), Value());
    const Given given(name, arguments, {"value", "start", "stop"}, 1, limits);
    if (given[1]) limits.refuse("index within a part of a list");
    int64_t count = 0;
    for (size_t i = 0; i < list->all.size(); ++i) {
      if (!equal(list->all[i], *given[0], limits)) continue;
      if (name == "index") return int64_t(i);
      ++count;
    }
    if (name == "index") limits.wrong("a value is not in the list");
    return count;
  }
  Value of_dict(const Dict& dict, const Arguments& arguments, Limits& limits) {
    if (!arguments.named.empty()) limits.wrong(fmt::format("{} takes no named arguments", name));
    if (name == "get") {
      const Given given(name, arguments, {"key", "default"}, 1, limits);
      const Value* found = find(dict, *given[0], limits);
      return found ? *found : given[1] ? *given[1] : Value(None());
    }
    const Given none(name, arguments, {}, 0, limits);
    if (name == "copy") return self;  // nobody can change it
    Values all;
    for (const auto& [key, value] : dict.all)
      all.push_back(name == "keys" ? key : name == "values" ? value : sequence_of({key, value}, Form::tuple, limits));
    return sequence_of(std::move(all), name == "keys" ? Form::keys : name == "values" ? Form::values : Form::items, limits);
  }

  const Value self;
  const std::string name;
};

Value method(const Value& self, const std::string& name) {
  return std::shared_ptr<Object>(std::make_shared<Method>(self, name));
}

/// What Python's getattr gives: nothing where the type has no such attribute.
std::optional<Value> python_attribute(const Value& of, const std::string& name, Limits& limits) {
  const auto hidden = [&] {
    return Value::undefined(fmt::format("\"{}\" of {} is not for templates", shown(name), type_of(of)));
  };
  const auto unknown = [&]() -> Value { limits.refuse(fmt::format("\"{}\" of {}", shown(name), type_of(of))); };
  if (of.object()) return of.object()->attribute(name, limits);
  if (name.starts_with("__")) return hidden();
  if (of.text()) return is_text_method(name) ? std::optional(method(of, name)) : std::nullopt;
  if (of.dict()) {
    if (kChangesDict.contains(name)) return hidden();
    if (name == "fromkeys") return unknown();
    return kDictMethods.contains(name) ? std::optional(method(of, name)) : std::nullopt;
  }
  if (const Sequence* list = of.sequence()) {
    if (list->form == Form::list && kChangesList.contains(name)) return hidden();
    if (list->form == Form::list ? kListMethods.contains(name) : list->form == Form::tuple && kTupleMethods.contains(name))
      return method(of, name);
    if (list->form == Form::range ? kRangeMembers.contains(name)
                                  : list->form != Form::list && list->form != Form::tuple && kViewMembers.contains(name))
      return unknown();
    if (list->form == Form::iterator) return unknown();
    return std::nullopt;
  }
  return of.number() && kNumberMethods.contains(name) ? std::optional(unknown()) : std::nullopt;
}

/// What Python's a[b] gives: nothing for a KeyError, an IndexError or a TypeError.
std::optional<Value> python_item(const Value& of, const Value& key, Limits& limits) {
  if (const Dict* dict = of.dict()) {
    if (key.dict() || (key.sequence() && key.sequence()->form == Form::list)) return std::nullopt;
    const Value* found = find(*dict, key, limits);
    return found ? std::optional(*found) : std::nullopt;
  }
  const auto at = key.integer();
  const auto place = [&](size_t size) { return *at < 0 ? *at + int64_t(size) : *at; };
  if (const Sequence* list = of.sequence(); list && at && list->form <= Form::range) {
    const int64_t i = place(list->all.size());
    return i >= 0 && i < int64_t(list->all.size()) ? std::optional(list->all[size_t(i)]) : std::nullopt;
  }
  if (of.text() && at) {
    if (of.as<Text>()->safe) limits.refuse("a character of a safe text");
    limits.text(of.text()->size());
    const std::u32string letters = characters_of(*of.text());
    const int64_t i = place(letters.size());
    return i >= 0 && i < int64_t(letters.size()) ? std::optional(Value(text_of(letters.substr(size_t(i), 1))))
                                                 : std::nullopt;
  }
  return std::nullopt;
}

Value missing(const Value& of, const std::string& name) {
  return Value::undefined(fmt::format("{} has no \"{}\"", type_of(of), shown(name)));
}

// --- numbers

void require_64_bits(bool fits, const Limits& limits) {
  if (!fits) limits.refuse("a number of more than 64 bits");
}

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
  limits.items(items.empty() ? 0 : times > Limits::kMaxItems ? times : times * items.size());
  Values all;
  for (size_t i = 0; i < times && !items.empty(); ++i) all.insert(all.end(), items.begin(), items.end());
  return sequence_of(std::move(all), what.sequence()->form, limits);
}

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

// --- filters on lists

/// environment.getitem: a[b] before a.b.
Value looked_up(Value of, const Value& path, Limits& limits, const Value* otherwise = nullptr) {
  if (path.is_none()) return of;
  const auto step = [&](const Value& key) {
    of = item(of, key, limits);
    if (otherwise && !otherwise->is_none() && !of.is_defined()) of = *otherwise;
  };
  if (!path.text()) {
    step(path);
    return of;
  }
  for (size_t from = 0, at; from <= path.text()->size(); from = at + 1) {
    at = std::min(path.text()->find('.', from), path.text()->size());
    const std::string part = path.text()->substr(from, at - from);
    if (!part.empty() && part.size() < 10 && part.find_first_not_of("0123456789") == part.npos)
      step(int64_t(std::stoll(part)));
    else
      step(part);
  }
  return of;
}

Value without_case(const Value& value, bool case_sensitive) {
  return value.text() && !case_sensitive ? Value(unicode::lower(*value.text())) : value;
}

Values sorted(const Values& values, std::vector<Values> keys, bool backwards, Limits& limits) {
  std::vector<size_t> order(values.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  const auto before = [&](size_t a, size_t b) {
    for (size_t i = 0; i < keys[a].size(); ++i)
      if (!equal(keys[a][i], keys[b][i], limits)) return less(keys[a][i], keys[b][i], limits);
    return false;
  };
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return backwards ? before(b, a) : before(a, b); });
  Values result;
  for (const size_t i : order) result.push_back(values[i]);
  return result;
}

Value sort(const Values& values, const Given& given, Limits& limits) {
  std::vector<Value> paths;
  if (!given[2] || !given[2]->text())
    paths.push_back(given[2] ? *given[2] : Value(None()));
  else
    for (size_t from = 0, at; from <= given[2]->text()->size(); from = at + 1) {
      at = std::min(given[2]->text()->find(',', from), given[2]->text()->size());
      paths.emplace_back(given[2]->text()->substr(from, at - from));
    }
  std::vector<Values> keys;
  for (const Value& value : values) {
    keys.emplace_back();
    for (const Value& path : paths) keys.back().push_back(without_case(looked_up(value, path, limits), given.flag(1)));
  }
  return list_of(sorted(values, std::move(keys), given.flag(0), limits), limits);
}

Value sort_dict(const Value& of, const Given& given, Limits& limits) {
  if (!of.dict()) limits.wrong(fmt::format("dictsort of {}", type_of(of)));
  const std::string by = given.text(1, "key");
  if (by != "key" && by != "value") limits.wrong("dictsort by neither \"key\" nor \"value\"");
  Values pairs;
  std::vector<Values> keys;
  for (const auto& [key, value] : of.dict()->all) {
    pairs.push_back(sequence_of({key, value}, Form::tuple, limits));
    keys.push_back({without_case(by == "key" ? key : value, given.flag(0))});
  }
  return list_of(sorted(pairs, std::move(keys), given.flag(2), limits), limits);
}

Value extreme(bool greatest, const Values& values, const Given& given, Limits& limits) {
  if (values.empty()) return Value::undefined("an empty list has no least and no greatest item");
  const auto key = [&](const Value& value) {
    return without_case(looked_up(value, given[1] ? *given[1] : Value(None()), limits), given.flag(0));
  };
  size_t best = 0;
  for (size_t i = 1; i < values.size(); ++i)
    if (greatest ? less(key(values[best]), key(values[i]), limits) : less(key(values[i]), key(values[best]), limits))
      best = i;
  return values[best];
}

Value unique(const Values& values, const Given& given, Limits& limits) {
  Values seen, kept;
  for (const Value& value : values) {
    const Value key = without_case(looked_up(value, given[1] ? *given[1] : Value(None()), limits), given.flag(0));
    if (std::any_of(seen.begin(), seen.end(), [&](const Value& known) { return equal(known, key, limits); })) continue;
    seen.push_back(key);
    kept.push_back(value);
  }
  return sequence_of(std::move(kept), Form::iterator, limits);
}

Value map(const Value& of, const Arguments& arguments, Limits& limits) {
  Values made;
  if (!is_true(of)) return sequence_of({}, Form::iterator, limits);
  const auto named = [&](const char* name) -> const Value* {
    for (const auto& [known, value] : arguments.named)
      if (known == name) return &value;
    return nullptr;
  };
  const Value* path = arguments.values.empty() ? named("attribute") : nullptr;
  if (path) {
    for (const auto& [name, value] : arguments.named)
      if (name != "attribute" && name != "default") limits.wrong(fmt::format("map has no argument \"{}\"", shown(name)));
    for (const Value& item : items_of(of, limits)) made.push_back(looked_up(item, *path, limits, named("default")));
  } else {
    if (arguments.values.empty() || !arguments.values[0].text()) limits.wrong("map without a filter");
    const Arguments rest{{arguments.values.begin() + 1, arguments.values.end()}, arguments.named};
    for (const Value& item : items_of(of, limits)) made.push_back(filter(*arguments.values[0].text(), item, rest, limits));
  }
  return sequence_of(std::move(made), Form::iterator, limits);
}

Value select(const Value& of, const Arguments& arguments, bool by_attribute, bool wanted, Limits& limits) {
  Values kept;
  if (!is_true(of)) return sequence_of({}, Form::iterator, limits);
  if (by_attribute && arguments.values.empty()) limits.wrong("selects by an attribute without its name");
  const size_t off = by_attribute;
  const bool tests = arguments.values.size() > off;
  if (tests && !arguments.values[off].text()) limits.wrong("selects by a test without its name");
  const Arguments rest{tests ? Values(arguments.values.begin() + ptrdiff_t(off) + 1, arguments.values.end()) : Values(),
                       arguments.named};
  for (const Value& item : items_of(of, limits)) {
    const Value looked = by_attribute ? looked_up(item, arguments.values[0], limits) : item;
    if ((tests ? test(*arguments.values[off].text(), looked, rest, limits) : is_true(looked)) == wanted)
      kept.push_back(item);
  }
  return sequence_of(std::move(kept), Form::iterator, limits);
}

Value in_groups(bool slices, const Values& all, const Given& given, Limits& limits) {
  const int64_t count = given.integer(0);
  if (count <= 0) limits.refuse("groups of no items");
  limits.items(size_t(count));
  const bool fills = given[1] && !given[1]->is_none();
  Values groups;
  if (slices) {
    const size_t each = all.size() / size_t(count), longer = all.size() % size_t(count);
    for (size_t i = 0, at = 0; i < size_t(count); ++i) {
      const size_t end = at + each + (i < longer);
      Values group(all.begin() + ptrdiff_t(at), all.begin() + ptrdiff_t(end));
      if (fills && i >= longer) group.push_back(*given[1]);
      groups.push_back(list_of(std::move(group), limits));
      at = end;
    }
  } else {
    for (size_t at = 0; at < all.size(); at += size_t(count)) {
      Values group(all.begin() + ptrdiff_t(at), all.begin() + ptrdiff_t(std::min(all.size(), at + size_t(count))));
      if (fills) group.resize(size_t(count), *given[1]);
      groups.push_back(list_of(std::move(group), limits));
    }
  }
  return sequence_of(std::move(groups), Form::iterator, limits);
}

Value sum(const Values& values, const Given& given, Limits& limits) {
  Value total = given[1] ? *given[1] : Value(int64_t(0));
  if (total.text()) limits.wrong("sums up texts");
  bool has_reals = false;
  for (const Value& value : values) {
    const Value part = looked_up(value, given[0] ? *given[0] : Value(None()), limits);
    has_reals = has_reals || part.as<double>();
    total = arithmetic("+", total, part, limits);
  }
  if (has_reals && values.size() > 2) limits.refuse("sums up floats");  // newer Pythons round such a sum otherwise
  return total;
}

// --- filters on texts

std::string indented(const std::string& text, const Given& given, Limits& limits) {
  std::string by;
  if (given[0] && given[0]->text())
    by = *given[0]->text();
  else
    by = *times(" ", given.integer(0, 4), limits).text();
  const std::vector<std::string> lines = lines_of(text + "\n");
  std::string result = given.flag(1) ? by : "";
  for (size_t i = 0; i < lines.size(); ++i) {
    limits.text(result.size() + by.size() + lines[i].size());
    result += (i ? "\n" : "") + (i && (given.flag(2) || !lines[i].empty()) ? by : "") + lines[i];
  }
  return result;
}

std::string truncated(const std::string& text, const Given& given, Limits& limits) {
  const std::u32string all = characters_of(text), end = characters_of(given.text(2, "..."));
  const int64_t length = given.integer(0, 255), leeway = given[3] && !given[3]->is_none() ? given.integer(3) : 5;
  if (length < int64_t(end.size()) || leeway < 0) limits.wrong("truncates to too little");
  if (int64_t(all.size()) <= length + leeway) return text;
  std::u32string kept = all.substr(0, size_t(length) - end.size());
  if (!given.flag(1)) kept = kept.substr(0, std::min(kept.rfind(U' '), kept.size()));
  return text_of(kept + end);
}

/// The title of jinja2, which is another one than Python's.
std::string titled_words(const std::string& text) {
  const auto splits = [](char32_t c) {
    return unicode::is_python_space(c) || c == '-' || c == '(' || c == '{' || c == '[' || c == '<';
  };
  std::string result;
  const std::u32string all = characters_of(text);
  for (size_t at = 0; at < all.size();) {
    size_t end = at + 1;
    while (end < all.size() && splits(all[end]) == splits(all[at])) ++end;
    result += unicode::upper(text_of(all.substr(at, 1))) + unicode::lower(text_of(all.substr(at + 1, end - at - 1)));
    at = end;
  }
  return result;
}

std::string escaped(const std::string& text, Limits& limits) {
  std::string result;
  for (const char c : text) {
    const size_t known = std::string_view("&<>'\"").find(c);
    constexpr const char* names[] = {"&amp;", "&lt;", "&gt;", "&#39;", "&#34;"};
    if (known == std::string_view::npos)
      result += c;
    else
      result += names[known];
  }
  limits.text(result.size());
  return result;
}

Value safe(std::string text) {
  Value value(std::move(text));
  std::get<Text>(value.is).safe = true;
  return value;
}

Value rounded(const Value& of, const Given& given, Limits& limits) {
  const int64_t digits = given.integer(0);
  const std::string way = given.text(1, "common");
  if (way != "common" && way != "ceil" && way != "floor")
    limits.wrong("rounds neither \"common\" nor \"ceil\" nor \"floor\"");
  if (!of.number()) limits.wrong(fmt::format("rounds {}", type_of(of)));
  if (digits < 0 || digits > 300) limits.refuse("rounds to that many digits");
  if (way != "common") {
    const double by = std::pow(10.0, double(digits)), value = *of.number() * by;
    return (way == "ceil" ? std::ceil(value) : std::floor(value)) / by;
  }
  if (of.integer()) return *of.integer();
  if (!std::isfinite(*of.number())) return *of.number();
  return std::strtod(fmt::format("{:.{}f}", *of.number(), digits).c_str(), nullptr);
}

Value json(const Value& of, const Given& given, Limits& limits) {
  JsonForm form;
  form.ascii = given.flag(0);
  form.sorted = given.flag(3);
  if (given[1] && !given[1]->is_none()) {
    form.indent = given[1]->text() ? *given[1]->text() : *times(" ", given.integer(1), limits).text();
    form.comma = ",";
  }
  if (given[2] && !given[2]->is_none()) {
    const Values parts = items_of(*given[2], limits);
    if (parts.size() != 2 || !parts[0].text() || !parts[1].text()) limits.wrong("separators that are not two texts");
    form.comma = *parts[0].text();
    form.colon = *parts[1].text();
  }
  return to_json(of, form, limits);
}

std::string joined(const Value& of, const Given& given, Limits& limits) {
  const std::string by = given[0] ? str(*given[0], limits) : "";
  std::string all;
  bool first = true;
  for (const Value& value : items_of(of, limits)) {
    if (!first) all += by;
    first = false;
    all += str(given[1] && !given[1]->is_none() ? looked_up(value, *given[1], limits) : value, limits);
    limits.text(all.size());
  }
  return all;
}

const std::string& plain_text(const Value& of, const std::string& whose, Limits& limits) {
  if (!of.text()) limits.wrong(fmt::format("{} of {}", whose, type_of(of)));
  if (of.as<Text>()->safe) limits.refuse(fmt::format("{} of a safe text", whose));
  return *of.text();
}
/// soft_str: of a safe text what comes out would be safe, too.
std::string soft(const Value& of, const std::string& whose, Limits& limits) {
  return of.text() ? plain_text(of, whose, limits) : str(of, limits);
}

using Filter = Value (*)(const Value& of, const Arguments& arguments, Limits& limits);
#define FILTER(...)                                                  \
  [](const Value& of, const Arguments& a, Limits& limits) -> Value { \
    (void)of, (void)a, (void)limits;                                 \
    __VA_ARGS__                                                      \
  }

Value length(const Value& of, const Arguments& a, Limits& limits) {
  const Given given("length", a, {}, 0, limits);
  const auto count = length_of(of);
  if (!count) limits.wrong(fmt::format("the length of {}", type_of(of)));
  return int64_t(*count);
}
Value otherwise(const Value& of, const Arguments& a, Limits& limits) {
  const Given given("default", a, {"default_value", "boolean"}, 0, limits);
  return of.is_defined() && (!given.flag(1) || is_true(of)) ? of : given[0] ? *given[0] : Value("");
}
Value escape(const Value& of, const Arguments& a, Limits& limits) {
  const Given given("escape", a, {}, 0, limits);
  return of.text() && of.as<Text>()->safe ? of : safe(escaped(str(of, limits), limits));
}

/// jinja2's filters; null: refused.
const std::map<std::string, Filter, std::less<>>& filters() {
  static const std::map<std::string, Filter, std::less<>> all{
      {"abs",
       FILTER(const Given g("abs", a, {}, 0, limits); if (of.integer()) require_64_bits(*of.integer() != INT64_MIN, limits);
              if (of.integer()) return std::abs(*of.integer());
              if (!of.number()) limits.wrong(fmt::format("abs of {}", type_of(of))); return std::abs(*of.number());)},
      {"attr",
       FILTER(const Given g("attr", a, {"name"}, 1, limits);
              if (!of.is_defined()) limits.wrong("attr of what is not defined");
              const auto found = python_attribute(of, g.text(0), limits); return found ? *found : missing(of, g.text(0));)},
      {"batch", FILTER(return in_groups(false, items_of(of, limits),
                                        Given("batch", a, {"linecount", "fill_with"}, 1, limits), limits);)},
      {"capitalize",
       FILTER(const Given g("capitalize", a, {}, 0, limits); return unicode::capitalized(soft(of, "capitalize", limits));)},
      {"center",
       FILTER(return text_method("center", soft(of, "center", limits),
                                 {{int64_t(Given("center", a, {"width"}, 0, limits).integer(0, 80))}, {}}, limits);)},
      {"count", length},
      {"d", otherwise},
      {"default", otherwise},
      {"dictsort",
       FILTER(return sort_dict(of, Given("dictsort", a, {"case_sensitive", "by", "reverse"}, 0, limits), limits);)},
      {"e", escape},
      {"escape", escape},
      {"filesizeformat", nullptr},
      {"first",
       FILTER(const Given g("first", a, {}, 0, limits); Sequence* list = of.sequence();
              if (list && list->form == Form::iterator && list->taken < list->all.size()) return list->all[list->taken++];
              const Values items = items_of(of, limits);
              return items.empty() ? Value::undefined("an empty list has no first item") : items.front();)},
      {"float",
       FILTER(const Given g("float", a, {"default"}, 0, limits); const Value other = g[0] ? *g[0] : Value(0.0);
              if (of.number()) return *of.number(); if (!of.is_defined()) limits.wrong("a float of what is not defined");
              if (!of.text()) return other; const auto real = parsed_real(*of.text()); return real ? Value(*real) : other;)},
      {"forceescape", nullptr},
      {"format", FILTER(if (!a.values.empty() && !a.named.empty()) limits.wrong("format with named and other arguments");
                        return percent(soft(of, "format", limits), a, limits);)},
      {"groupby", nullptr},
      {"indent", FILTER(return indented(plain_text(of, "indent", limits),
                                        Given("indent", a, {"width", "first", "blank"}, 0, limits), limits);)},
      {"int",
       FILTER(const Given g("int", a, {"default", "base"}, 0, limits); const Value other = g[0] ? *g[0] : Value(int64_t(0));
              if (g[1] && g.integer(1) != 10) limits.refuse("int of another base");
              if (!of.is_defined()) limits.wrong("an integer of what is not defined");
              if (of.integer()) return *of.integer();
              if (of.text()) if (const auto number = parsed_integer(*of.text(), limits)) return *number;
              const auto real = of.text() ? parsed_real(*of.text()) : of.number();
              return real && std::isfinite(*real) ? whole(*real, limits) : other;)},
      {"items",
       FILTER(const Given g("items", a, {}, 0, limits); if (!of.is_defined()) return sequence_of({}, Form::iterator, limits);
              if (!of.dict()) limits.wrong(fmt::format("items of {}", type_of(of)));
              return sequence_of(method(of, "items").object()->call({}, limits).sequence()->all, Form::iterator, limits);)},
      {"join", FILTER(return joined(of, Given("join", a, {"d", "attribute"}, 0, limits), limits);)},
      {"last", FILTER(const Given g("last", a, {}, 0, limits);
                      if (of.sequence() && of.sequence()->form == Form::iterator) limits.wrong("the last of an iterator");
                      const Values items = items_of(of, limits);
                      return items.empty() ? Value::undefined("an empty list has no last item") : items.back();)},
      {"length", length},
      {"list", FILTER(const Given g("list", a, {}, 0, limits); return list_of(items_of(of, limits), limits);)},
      {"lower", FILTER(const Given g("lower", a, {}, 0, limits); return unicode::lower(soft(of, "lower", limits));)},
      {"map", map},
      {"max", FILTER(return extreme(true, items_of(of, limits), Given("max", a, {"case_sensitive", "attribute"}, 0, limits),
                                    limits);)},
      {"min", FILTER(return extreme(false, items_of(of, limits), Given("min", a, {"case_sensitive", "attribute"}, 0, limits),
                                    limits);)},
      {"pprint", nullptr},
      {"random", nullptr},
      {"reject", FILTER(return select(of, a, false, false, limits);)},
      {"rejectattr", FILTER(return select(of, a, true, false, limits);)},
      {"replace", FILTER(const Given g("replace", a, {"old", "new", "count"}, 2, limits);
                         return replaced(str(of, limits), str(*g[0], limits), str(*g[1], limits),
                                         g[2] && !g[2]->is_none() ? g.integer(2) : -1, limits);)},
      {"reverse", FILTER(const Given g("reverse", a, {}, 0, limits); const bool text = of.text();
                         Values items = items_of(of, limits); std::reverse(items.begin(), items.end());
                         if (!text) return of.sequence() && of.sequence()->form == Form::iterator
                             ? list_of(std::move(items), limits)
                             : sequence_of(std::move(items), Form::iterator, limits);
                         std::string all; for (const Value& letter
                                               : items) all += *letter.text();
                         return all;)},
      {"round", FILTER(return rounded(of, Given("round", a, {"precision", "method"}, 0, limits), limits);)},
      {"safe", FILTER(const Given g("safe", a, {}, 0, limits); return safe(str(of, limits));)},
      {"select", FILTER(return select(of, a, false, true, limits);)},
      {"selectattr", FILTER(return select(of, a, true, true, limits);)},
      {"slice",
       FILTER(return in_groups(true, items_of(of, limits), Given("slice", a, {"slices", "fill_with"}, 1, limits), limits);)},
      {"sort", FILTER(return sort(items_of(of, limits),
                                  Given("sort", a, {"reverse", "case_sensitive", "attribute"}, 0, limits), limits);)},
      {"string", FILTER(const Given g("string", a, {}, 0, limits); return of.text() ? of : Value(str(of, limits));)},
      {"striptags", nullptr},
      {"sum", FILTER(return sum(items_of(of, limits), Given("sum", a, {"attribute", "start"}, 0, limits), limits);)},
      {"title", FILTER(const Given g("title", a, {}, 0, limits); return titled_words(soft(of, "title", limits));)},
      {"tojson", FILTER(return json(of, Given("tojson", a, {"ensure_ascii", "indent", "separators", "sort_keys"}, 0, limits),
                                    limits);)},
      {"trim", FILTER(const Given g("trim", a, {"chars"}, 0, limits);
                      return stripped(soft(of, "trim", limits), true, true,
                                      g[0] && !g[0]->is_none() ? std::optional(g.text(0)) : std::nullopt);)},
      {"truncate",
       FILTER(return truncated(plain_text(of, "truncate", limits),
                               Given("truncate", a, {"length", "killwords", "end", "leeway"}, 0, limits), limits);)},
      {"unique",
       FILTER(return unique(items_of(of, limits), Given("unique", a, {"case_sensitive", "attribute"}, 0, limits), limits);)},
      {"upper", FILTER(const Given g("upper", a, {}, 0, limits); return unicode::upper(soft(of, "upper", limits));)},
      {"urlencode", nullptr},
      {"urlize", nullptr},
      {"wordcount", FILTER(const Given g("wordcount", a, {}, 0, limits); int64_t words = 0; bool inside = false;
                           for (const char32_t c
                                : characters_of(soft(of, "wordcount", limits))) {
                             if (c >= 0x80) limits.refuse("the words of what is not ASCII");
                             const bool word = unicode::is_word(c);
                             words += word && !inside;
                             inside = word;
                           } return words;)},
      {"wordwrap", nullptr},
      {"xmlattr", nullptr}};
  return all;
}
#undef FILTER

const Names kTests{"!=",       "<",           "<=",          "==",      ">",       ">=",        "boolean",  "callable",
                   "defined",  "divisibleby", "eq",          "equalto", "escaped", "even",      "false",    "filter",
                   "float",    "ge",          "greaterthan", "gt",      "in",      "integer",   "iterable", "le",
                   "lessthan", "lower",       "lt",          "mapping", "ne",      "none",      "number",   "odd",
                   "sameas",   "sequence",    "string",      "test",    "true",    "undefined", "upper"};

bool is_same(const Value& left, const Value& right, Limits& limits) {
  if (left.sequence() || right.sequence()) return left.sequence() == right.sequence();
  if (left.dict() || right.dict()) return left.dict() == right.dict();
  if (left.object() || right.object()) return left.object() == right.object();
  if (left.is.index() != right.is.index()) return false;
  if (left.is_none() || left.as<bool>()) return equal(left, right, limits);
  limits.refuse(fmt::format("whether {} is the same", type_of(left)));
}

}  // namespace

Given::Given(const std::string& whose, const Arguments& arguments, std::initializer_list<const char*> names, size_t needed,
             Limits& limits)
    : whose_(whose), values_(names.size()), limits_(limits) {
  if (arguments.values.size() > names.size())
    limits.wrong(fmt::format("{} takes at most {} arguments", whose, names.size()));
  for (size_t i = 0; i < arguments.values.size(); ++i) values_[i] = arguments.values[i];
  for (const auto& [name, value] : arguments.named) {
    const auto found = std::find(names.begin(), names.end(), name);
    const size_t i = size_t(found - names.begin());
    if (found == names.end() || values_[i])
      limits.wrong(fmt::format("{} has no argument \"{}\", or has it twice", whose, shown(name)));
    values_[i] = value;
  }
  for (size_t i = 0; i < needed; ++i)
    if (!values_[i]) limits.wrong(fmt::format("{} lacks an argument", whose));
}
int64_t Given::integer(size_t i, int64_t otherwise) const {
  if (!values_[i]) return otherwise;
  const auto number = values_[i]->integer();
  if (!number) limits_.wrong(fmt::format("{} takes no {}", whose_, type_of(*values_[i])));
  return *number;
}
std::string Given::text(size_t i, std::string otherwise) const {
  if (!values_[i]) return otherwise;
  if (!values_[i]->text()) limits_.wrong(fmt::format("{} takes no {}", whose_, type_of(*values_[i])));
  return *values_[i]->text();
}

bool is_filter(std::string_view name) { return filters().contains(name); }
bool is_test(std::string_view name) { return kTests.contains(name); }

Value filter(const std::string& name, const Value& of, const Arguments& arguments, Limits& limits) {
  const auto found = filters().find(name);
  if (found == filters().end()) limits.wrong(fmt::format("there is no filter \"{}\"", shown(name)));
  if (!found->second) limits.refuse(fmt::format("the filter \"{}\"", name));
  const Limits::Deeper deeper(limits);
  if (of.text()) limits.text(of.text()->size());
  return found->second(of, arguments, limits);
}

bool test(const std::string& name, const Value& of, const Arguments& arguments, Limits& limits) {
  static const std::map<std::string, std::string, std::less<>> same{{"eq", "=="}, {"equalto", "=="},    {"ne", "!="},
                                                                    {"gt", ">"},  {"greaterthan", ">"}, {"ge", ">="},
                                                                    {"lt", "<"},  {"lessthan", "<"},    {"le", "<="}};
  if (!is_test(name)) limits.wrong(fmt::format("there is no test \"{}\"", shown(name)));
  const std::string sign = same.contains(name) ? same.at(name) : name;
  if (std::string_view("=!<>").find(sign[0]) != std::string_view::npos || sign == "in" || sign == "sameas" ||
      sign == "divisibleby") {
    const Given given(name, arguments, {"other"}, 1, limits);
    const Value& other = *given[0];
    if (sign == "in") return contains(other, of, limits);
    if (sign == "sameas") return is_same(of, other, limits);
    if (sign == "divisibleby") return equal(arithmetic("%", of, other, limits), int64_t(0), limits);
    if (sign == "==" || sign == "!=") return equal(of, other, limits) == (sign == "==");
    if (sign == "<" || sign == ">") return sign == "<" ? less(of, other, limits) : less(other, of, limits);
    return (sign == "<=" ? less(of, other, limits) : less(other, of, limits)) || equal(of, other, limits);
  }
  const Given none(name, arguments, {}, 0, limits);
  const Sequence* list = of.sequence();
  if (name == "defined") return of.is_defined();
  if (name == "undefined") return !of.is_defined();
  if (name == "none") return of.is_none();
  if (name == "boolean") return of.as<bool>();
  if (name == "true" || name == "false") return of.as<bool>() && *of.as<bool>() == (name == "true");
  if (name == "integer") return of.as<int64_t>();
  if (name == "float") return of.as<double>();
  if (name == "number") return of.number().has_value();
  if (name == "string") return of.text();
  if (name == "mapping") return of.dict();
  if (name == "callable") return of.object() ? of.object()->callable() : !of.is_defined();
  if (name == "escaped") return of.text() && of.as<Text>()->safe;
  if (name == "filter") return of.text() && is_filter(*of.text());
  if (name == "test") return of.text() && is_test(*of.text());
  if (name == "odd" || name == "even") return equal(arithmetic("%", of, int64_t(2), limits), int64_t(name == "odd"), limits);
  if (of.object() && (name == "sequence" || name == "iterable"))
    limits.refuse(fmt::format("whether {} is a {}", of.object()->type(), name));
  if (name == "sequence") return !of.is_defined() || of.text() || of.dict() || (list && list->form <= Form::range);
  if (name == "iterable") return is_iterable(of);
  return is_true(text_method(name == "upper" ? "isupper" : "islower", str(of, limits), {}, limits));
}

Value attribute(const Value& of, const std::string& name, Limits& limits) {
  if (!of.is_defined())
    limits.wrong(fmt::format("asks for \"{}\" of what is not defined{}", shown(name),
                             of.as<Undefined>()->why ? ": " + *of.as<Undefined>()->why : ""));
  if (const auto found = python_attribute(of, name, limits)) return *found;
  const auto found = python_item(of, name, limits);
  return found ? *found : missing(of, name);
}

Value item(const Value& of, const Value& key, Limits& limits) {
  if (!of.is_defined())
    limits.wrong(fmt::format("asks for a member of what is not defined{}",
                             of.as<Undefined>()->why ? ": " + *of.as<Undefined>()->why : ""));
  if (const auto found = python_item(of, key, limits)) return *found;
  if (key.text())
    if (const auto found = python_attribute(of, *key.text(), limits)) return *found;
  return missing(of, str(key, limits));
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
