#include "fairfight/io/jinja/print.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fairfight/io/tokenizer/unicode.h"

namespace fairfight::jinja {
namespace {

using Form = Sequence::Form;

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
      result += c == '\n' ? "\\n" : c == '\r' ? "\\r"
                                              : "\\t";
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
    return std::isnan(*real) ? "NaN" : std::isinf(*real) ? (*real > 0 ? "Infinity" : "-Infinity")
                                                         : real_text(*real);
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

}  // namespace fairfight::jinja
