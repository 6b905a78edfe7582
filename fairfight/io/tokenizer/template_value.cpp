#include "fairfight/io/tokenizer/template_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fairfight/base/error.h"
#include "fairfight/io/shown.h"
#include "fairfight/io/tokenizer/unicode.h"

namespace fairfight::jinja {

void Limits::step(size_t steps) {
  steps_ += steps;
  if (steps_ > kMaxSteps) fail("[chat_template] {}: takes more than {} steps", what_, kMaxSteps);
}
void Limits::text(size_t bytes) {
  if (bytes > kMaxText) fail("[chat_template] {}: makes a text of more than {} bytes", what_, kMaxText);
  step(bytes / 64);
}
void Limits::items(size_t count) {
  if (count > kMaxItems) fail("[chat_template] {}: makes a list of more than {} items", what_, kMaxItems);
  step(count / 4);
}
void Limits::refuse(std::string_view what) const {
  fail("[chat_template] {}: {}; fairfight does not implement this", what_, what);
}
void Limits::wrong(std::string_view why) const { fail("[chat_template] {}: {}", what_, why); }
Limits::Deeper::Deeper(Limits& limits) : limits_(limits) {
  if (++limits.depth_ > kDeepest) {
    --limits.depth_;  // the destructor of what was never made does not run
    limits.wrong("is nested too deeply, or calls itself without an end");
  }
}

namespace {

using Form = Sequence::Form;
constexpr size_t kMostLevels = 100;

bool is_view(Form form) { return form == Form::keys || form == Form::values || form == Form::items; }

size_t levels_of(const Value& value) {
  return value.sequence() ? value.sequence()->levels : value.dict() ? value.dict()->levels : 0;
}

std::string real_text(double real) {
  std::string text = fmt::format("{}", real);
  if (text.find_first_not_of("-0123456789") == text.npos) text += ".0";
  return text;
}

std::string quoted(const std::string& text) {
  const char quote = text.find('\'') != text.npos && text.find('"') == text.npos ? '"' : '\'';
  std::string result(1, quote);
  for (size_t at = 0; at < text.size();) {
    const char32_t c = unicode::next(text, at);
    if (c == '\n' || c == '\r' || c == '\t')
      result += c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t";
    else if (c == char32_t(quote) || c == '\\')
      (result += '\\') += char(c);
    else if (unicode::is_printable(c))
      unicode::append(result, c);
    else
      result += c < 0x100     ? fmt::format("\\x{:02x}", unsigned(c))
                : c < 0x10000 ? fmt::format("\\u{:04x}", unsigned(c))
                              : fmt::format("\\U{:08x}", unsigned(c));
  }
  return result += quote;
}

/// Wide enough for every integer and every double, so that they compare as exactly as Python has them.
long double wide(const Value& value) {
  const auto whole = value.integer();
  return whole ? static_cast<long double>(*whole) : static_cast<long double>(*value.number());
}

bool same_items(const Values& left, const Values& right, Limits& limits) {
  if (left.size() != right.size()) return false;
  for (size_t i = 0; i < left.size(); ++i)
    if (!equal(left[i], right[i], limits)) return false;
  return true;
}

void require_key(const Value& key, const Limits& limits) {
  const Sequence* list = key.sequence();
  if (key.dict() || (list && list->form == Form::list)) limits.wrong(fmt::format("{} as a key", type_of(key)));
  if (list && list->form != Form::tuple) limits.refuse(fmt::format("{} as a key", type_of(key)));
}

void write_json_text(std::string& out, const std::string& text, bool ascii) {
  out += '"';
  for (size_t at = 0; at < text.size();) {
    const char32_t c = unicode::next(text, at);
    const size_t known = c < 0x80 ? std::string_view("\"\\\n\r\t\f\b").find(char(c)) : std::string_view::npos;
    if (known != std::string_view::npos)
      (out += '\\') += "\"\\nrtfb"[known];
    else if (c < 0x20 || (ascii && c > 0x7e && c < 0x10000))
      out += fmt::format("\\u{:04x}", unsigned(c));
    else if (ascii && c >= 0x10000)
      out += fmt::format("\\u{:04x}\\u{:04x}", 0xd800 + unsigned((c - 0x10000) >> 10),
                         0xdc00 + unsigned((c - 0x10000) & 0x3ff));
    else
      unicode::append(out, c);
  }
  out += '"';
}

std::optional<std::string> json_scalar(const Value& value, bool ascii) {
  if (value.is_none()) return "null";
  if (const auto* truth = value.as<bool>()) return *truth ? "true" : "false";
  if (const auto* number = value.as<int64_t>()) return std::to_string(*number);
  if (const auto* real = value.as<double>())
    return std::isnan(*real) ? "NaN" : std::isinf(*real) ? (*real > 0 ? "Infinity" : "-Infinity") : real_text(*real);
  if (!value.text()) return std::nullopt;
  std::string text;
  write_json_text(text, *value.text(), ascii);
  return text;
}

void write_json(std::string& out, const Value& value, const JsonForm& form, size_t level, Limits& limits) {
  limits.step();
  if (const auto scalar = json_scalar(value, form.ascii)) {
    limits.text(out.size() + scalar->size());
    out += *scalar;
    return;
  }
  const auto line = [&](size_t depth) {
    if (!form.indent) return;
    limits.text(out.size() + depth * form.indent->size());
    out += '\n';
    for (size_t i = 0; i < depth; ++i) out += *form.indent;
  };
  const auto all = [&](const char* brackets, size_t count, auto write) {
    out += brackets[0];
    for (size_t i = 0; i < count; ++i) {
      if (i) out += form.comma;
      line(level + 1);
      write(i);
    }
    if (count) line(level);
    out += brackets[1];
  };
  if (const Dict* dict = value.dict()) {
    std::vector<const std::pair<Value, Value>*> pairs;
    for (const auto& pair : dict->all) pairs.push_back(&pair);
    if (form.sorted)
      std::stable_sort(pairs.begin(), pairs.end(), [&](auto* a, auto* b) { return less(a->first, b->first, limits); });
    return all("{}", pairs.size(), [&](size_t i) {
      const Value& key = pairs[i]->first;
      const auto name = key.text() ? std::nullopt : json_scalar(key, form.ascii);
      if (!key.text() && !name) limits.wrong("tojson of a dict with a key that JSON has not");
      write_json_text(out, key.text() ? *key.text() : *name, form.ascii);
      out += form.colon;
      write_json(out, pairs[i]->second, form, level + 1, limits);
    });
  }
  const Sequence* list = value.sequence();
  if (!list || (list->form != Form::list && list->form != Form::tuple))
    limits.wrong(fmt::format("tojson of {}", type_of(value)));
  all("[]", list->all.size(), [&](size_t i) { write_json(out, list->all[i], form, level + 1, limits); });
}

}  // namespace

std::string type_of(const Value& value) {
  if (!value.is_defined()) return "what is not defined";
  if (value.is_none()) return "none";
  if (value.as<bool>()) return "a boolean";
  if (value.as<int64_t>()) return "an integer";
  if (value.as<double>()) return "a float";
  if (value.text()) return "a text";
  if (value.dict()) return "a dict";
  if (value.object()) return value.object()->type();
  constexpr const char* names[] = {"a list",          "a tuple",        "a range",    "a dict's keys",
                                   "a dict's values", "a dict's items", "an iterator"};
  return names[size_t(value.sequence()->form)];
}

bool is_true(const Value& value) {
  if (const auto number = value.number()) return *number != 0;
  if (value.text()) return !value.text()->empty();
  if (const Sequence* list = value.sequence()) return list->form == Form::iterator || !list->all.empty();
  if (value.dict()) return !value.dict()->all.empty();
  return value.object();
}

bool equal(const Value& left, const Value& right, Limits& limits) {
  const Limits::Deeper deeper(limits);
  limits.step();
  if (left.number() && right.number()) return wide(left) == wide(right);
  if (left.text() && right.text()) return *left.text() == *right.text();
  if (left.sequence() && right.sequence()) {
    const Form form = left.sequence()->form;
    if (left.sequence() == right.sequence()) return true;
    if (form == Form::iterator || form == Form::values || form != right.sequence()->form) {
      if (is_view(form) && is_view(right.sequence()->form) && form != right.sequence()->form)
        limits.refuse("compares views of dicts");
      return false;
    }
    if (is_view(form)) limits.refuse("compares views of dicts");
    return same_items(left.sequence()->all, right.sequence()->all, limits);
  }
  if (left.dict() && right.dict()) {
    if (left.dict()->all.size() != right.dict()->all.size()) return false;
    for (const auto& [key, value] : left.dict()->all) {
      const Value* other = find(*right.dict(), key, limits);
      if (!other || !equal(value, *other, limits)) return false;
    }
    return true;
  }
  if (left.object() || right.object()) return left.object() == right.object();
  return left.is.index() == right.is.index();  // both none, or both not defined
}

bool less(const Value& left, const Value& right, Limits& limits) {
  const Limits::Deeper deeper(limits);
  limits.step();
  if (left.number() && right.number()) return wide(left) < wide(right);
  if (left.text() && right.text())
    return *left.text() < *right.text();  // bytes of UTF-8 are ordered as their characters are
  const Sequence *l = left.sequence(), *r = right.sequence();
  if (l && r && l->form == r->form && (l->form == Form::list || l->form == Form::tuple)) {
    for (size_t i = 0; i < std::min(l->all.size(), r->all.size()); ++i)
      if (!equal(l->all[i], r->all[i], limits)) return less(l->all[i], r->all[i], limits);
    return l->all.size() < r->all.size();
  }
  if (l && r && is_view(l->form) && is_view(r->form)) limits.refuse("compares views of dicts");
  limits.wrong(fmt::format("compares {} with {}", type_of(left), type_of(right)));
}

bool contains(const Value& in, const Value& what, Limits& limits) {
  if (in.text()) {
    if (!what.text()) limits.wrong(fmt::format("asks whether {} is in a text", type_of(what)));
    limits.text(in.text()->size());
    return in.text()->find(*what.text()) != std::string::npos;
  }
  if (in.dict()) return find(*in.dict(), what, limits);
  if (Sequence* list = in.sequence(); list && list->form == Form::iterator) {
    while (list->taken < list->all.size())
      if (equal(list->all[list->taken++], what, limits)) return true;
    return false;
  }
  const Values items = items_of(in, limits);
  return std::any_of(items.begin(), items.end(), [&](const Value& item) { return equal(item, what, limits); });
}

std::string str(const Value& value, Limits& limits) {
  if (value.text()) return *value.text();
  return value.is_defined() ? repr(value, limits) : "";
}

std::string repr(const Value& value, Limits& limits) {
  limits.step();
  if (!value.is_defined()) return "Undefined";
  if (value.is_none()) return "None";
  if (const auto* truth = value.as<bool>()) return *truth ? "True" : "False";
  if (const auto* number = value.as<int64_t>()) return std::to_string(*number);
  if (const auto* real = value.as<double>()) return real_text(*real);
  if (const auto* text = value.as<Text>()) {
    if (text->safe) limits.refuse("writes a list of safe texts");
    return quoted(*text->text);
  }
  std::string out;
  const auto all = [&](const auto& list, const char* open, const char* close, auto write) {
    out += open;
    for (size_t i = 0; i < list.size(); ++i) {
      if (i) out += ", ";
      write(list[i]);
      limits.text(out.size());
    }
    out += close;
    return out;
  };
  const auto write = [&](const Value& item) { out += repr(item, limits); };
  if (const Dict* dict = value.dict())
    return all(dict->all, "{", "}", [&](const auto& pair) {
      write(pair.first);
      out += ": ";
      write(pair.second);
    });
  const Sequence* list = value.sequence();
  if (!list || list->form == Form::iterator) limits.refuse(fmt::format("writes {}", type_of(value)));
  switch (list->form) {
    case Form::range:
      return list->range_of;
    case Form::tuple:
      return all(list->all, "(", list->all.size() == 1 ? ",)" : ")", write);
    case Form::keys:
      return all(list->all, "dict_keys([", "])", write);
    case Form::values:
      return all(list->all, "dict_values([", "])", write);
    case Form::items:
      return all(list->all, "dict_items([", "])", write);
    default:
      return all(list->all, "[", "]", write);
  }
}

std::string to_json(const Value& value, const JsonForm& form, Limits& limits) {
  std::string out;
  write_json(out, value, form, 0, limits);
  return out;
}

Value sequence_of(Values values, Form form, Limits& limits) {
  limits.items(values.size());
  auto list = std::make_shared<Sequence>();
  list->form = form;
  for (const Value& item : values) list->levels = std::max(list->levels, 1 + levels_of(item));
  if (list->levels > kMostLevels) limits.wrong("makes lists that are nested too deeply");
  list->all = std::move(values);
  return list;
}
Value list_of(Values values, Limits& limits) { return sequence_of(std::move(values), Form::list, limits); }

Value dict_of(const std::vector<std::pair<Value, Value>>& pairs, Limits& limits) {
  limits.items(pairs.size());
  auto dict = std::make_shared<Dict>();
  for (const auto& [key, value] : pairs) {
    require_key(key, limits);
    dict->levels = std::max({dict->levels, 1 + levels_of(key), 1 + levels_of(value)});
    if (const Value* known = find(*dict, key, limits))
      const_cast<Value&>(*known) = value;
    else
      dict->all.emplace_back(key, value);
  }
  if (dict->levels > kMostLevels) limits.wrong("makes dicts that are nested too deeply");
  return dict;
}

const Value* find(const Dict& dict, const Value& key, Limits& limits) {
  require_key(key, limits);
  for (const auto& [known, value] : dict.all)
    if (known.is.index() == key.is.index() || known.number() ? equal(known, key, limits) : false) return &value;
  return nullptr;
}

bool is_iterable(const Value& value) { return !value.is_defined() || value.text() || value.sequence() || value.dict(); }

Values items_of(const Value& value, Limits& limits) {
  Values items;
  if (Sequence* list = value.sequence()) {
    limits.items(list->all.size());
    items.assign(list->all.begin() + ptrdiff_t(list->taken), list->all.end());
    if (list->form == Form::iterator) list->taken = list->all.size();
  } else if (const Dict* dict = value.dict()) {
    limits.items(dict->all.size());
    for (const auto& pair : dict->all) items.push_back(pair.first);
  } else if (const std::string* text = value.text()) {
    if (value.as<Text>()->safe) limits.refuse("goes through a safe text");
    limits.items(unicode::count(*text));
    for (size_t at = 0; at < text->size();) {
      const size_t from = at;
      unicode::next(*text, at);
      items.emplace_back(text->substr(from, at - from));
    }
  } else if (value.object()) {
    limits.refuse(fmt::format("goes through {}", type_of(value)));
  } else if (value.is_defined()) {
    limits.wrong(fmt::format("goes through {}", type_of(value)));
  }
  return items;
}

std::optional<size_t> length_of(const Value& value) {
  if (!value.is_defined()) return 0;
  if (value.text()) return unicode::count(*value.text());
  if (value.dict()) return value.dict()->all.size();
  if (value.sequence() && value.sequence()->form != Form::iterator) return value.sequence()->all.size();
  return std::nullopt;
}

std::vector<size_t> slice_of(size_t size, const Value& from, const Value& to, const Value& by, Limits& limits) {
  const auto whole = [&](const Value& value, int64_t otherwise) {
    if (value.is_none()) return otherwise;
    const auto number = value.integer();
    if (!number) limits.wrong(fmt::format("a slice by {}", type_of(value)));
    return std::clamp<int64_t>(*number, -int64_t(Limits::kMaxText) - 1, int64_t(Limits::kMaxText) + 1);
  };
  const int64_t step = whole(by, 1), count = int64_t(size), low = step > 0 ? 0 : -1, high = step > 0 ? count : count - 1;
  if (step == 0) limits.wrong("a slice in steps of zero");
  const auto place = [&](const Value& value, int64_t otherwise) {
    const int64_t at = whole(value, otherwise);
    return value.is_none() ? at : std::clamp(at < 0 ? at + count : at, low, high);
  };
  const int64_t begin = place(from, step > 0 ? 0 : count - 1), end = place(to, step > 0 ? count : -1);
  std::vector<size_t> indices;
  for (int64_t i = begin; step > 0 ? i < end : i > end; i += step) indices.push_back(size_t(i));
  limits.step(indices.size() / 16);
  return indices;
}

}  // namespace fairfight::jinja
