#include "fairfight/io/jinja/members.h"

#include <fmt/format.h>

#include <set>

#include "fairfight/io/jinja/given.h"
#include "fairfight/io/jinja/print.h"
#include "fairfight/io/jinja/text_methods.h"
#include "fairfight/io/shown.h"

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
                   "from_bytes", "fromhex", "hex", "imag", "is_integer",
                   "numerator", "real", "to_bytes"},
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
      return found ? *found : given[1] ? *given[1]
                                       : Value(None());
    }
    const Given none(name, arguments, {}, 0, limits);
    if (name == "copy") return self;  // nobody can change it
    Values all;
    for (const auto& [key, value] : dict.all)
      all.push_back(name == "keys" ? key : name == "values" ? value
                                                            : sequence_of({key, value}, Form::tuple, limits));
    return sequence_of(std::move(all), name == "keys" ? Form::keys : name == "values" ? Form::values
                                                                                      : Form::items,
                       limits);
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

}  // namespace

Value attribute(const Value& of, const std::string& name, Limits& limits) {
  if (!of.is_defined())
    limits.wrong(fmt::format("asks for \"{}\" of what is not defined{}", shown(name),
                             of.as<Undefined>()->why ? ": " + *of.as<Undefined>()->why : ""));
  if (const auto found = python_attribute(of, name, limits)) return *found;
  const auto found = python_item(of, name, limits);
  return found ? *found : missing(of, name);
}

Value own_attribute(const Value& of, const std::string& name, Limits& limits) {
  const auto found = python_attribute(of, name, limits);
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

}  // namespace fairfight::jinja
