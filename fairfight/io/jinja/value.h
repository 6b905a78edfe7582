#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "fairfight/io/jinja/limits.h"

// The values of a template: Python's, as far as templates see them.
namespace fairfight::jinja {

struct Value;
struct Sequence;
struct Dict;
struct Object;
using Values = std::vector<Value>;
using Named = std::vector<std::pair<std::string, Value>>;

struct Undefined {
  std::shared_ptr<const std::string> why;  // what using it says
  bool operator==(const Undefined&) const { return true; }
};
struct None {
  bool operator==(const None&) const { return true; }
};
struct Text {
  std::shared_ptr<const std::string> text;
  bool safe = false;  // a Markup of Python, of which only the harmless uses are implemented
};

struct Value {
  std::variant<Undefined, None, bool, int64_t, double, Text, std::shared_ptr<Sequence>, std::shared_ptr<Dict>,
               std::shared_ptr<Object>>
      is;

  Value() = default;
  Value(Undefined undefined) : is(std::move(undefined)) {}
  Value(None) : is(None()) {}
  Value(bool truth) : is(truth) {}
  Value(int64_t number) : is(number) {}
  Value(double number) : is(number) {}
  Value(std::string text) : is(Text{std::make_shared<const std::string>(std::move(text)), false}) {}
  Value(const char* text) : Value(std::string(text)) {}
  Value(std::shared_ptr<Sequence> sequence) : is(std::move(sequence)) {}
  Value(std::shared_ptr<Dict> dict) : is(std::move(dict)) {}
  Value(std::shared_ptr<Object> object) : is(std::move(object)) {}
  static Value undefined(std::string why) { return Undefined{std::make_shared<const std::string>(std::move(why))}; }

  template <class T>
  const T* as() const {
    return std::get_if<T>(&is);
  }
  bool is_defined() const { return !as<Undefined>(); }
  bool is_none() const { return as<None>(); }
  const std::string* text() const {
    const auto* found = as<Text>();
    return found ? found->text.get() : nullptr;
  }
  Sequence* sequence() const {
    const auto* found = as<std::shared_ptr<Sequence>>();
    return found ? found->get() : nullptr;
  }
  Dict* dict() const {
    const auto* found = as<std::shared_ptr<Dict>>();
    return found ? found->get() : nullptr;
  }
  Object* object() const {
    const auto* found = as<std::shared_ptr<Object>>();
    return found ? found->get() : nullptr;
  }
  /// True, False and integers.
  std::optional<int64_t> integer() const {
    if (const auto* truth = as<bool>()) return *truth;
    if (const auto* number = as<int64_t>()) return *number;
    return std::nullopt;
  }
  /// Any number.
  std::optional<double> number() const {
    if (const auto* real = as<double>()) return *real;
    const auto whole = integer();
    return whole ? std::optional(double(*whole)) : std::nullopt;
  }
};

/// A list and what else Python goes through item by item. An iterator gives each item once, and knows no length.
struct Sequence {
  enum class Form { list,
                    tuple,
                    range,
                    keys,
                    values,
                    items,
                    iterator } form = Form::list;
  Values all;
  size_t taken = 0;      // of an iterator
  size_t levels = 1;     // of nesting
  std::string range_of;  // how Python writes a range
};

struct Dict {
  std::vector<std::pair<Value, Value>> all;
  size_t levels = 1;
};

struct Arguments {
  Values values;
  Named named;
};

/// What has attributes, or can be called: macros, methods, namespaces, `loop` ...
struct Object {
  virtual ~Object() = default;
  virtual const char* type() const = 0;
  virtual bool callable() const { return false; }
  virtual std::optional<Value> attribute(const std::string&, Limits&) { return std::nullopt; }
  virtual Value call(const Arguments&, Limits& limits) { limits.wrong(std::string(type()) + " cannot be called"); }
};

std::string type_of(const Value& value);
bool is_true(const Value& value);
bool equal(const Value& left, const Value& right, Limits& limits);
/// left < right, of numbers, texts, lists or tuples.
bool less(const Value& left, const Value& right, Limits& limits);
bool contains(const Value& in, const Value& what, Limits& limits);

Value sequence_of(Values values, Sequence::Form form, Limits& limits);
Value list_of(Values values, Limits& limits);
Value dict_of(const std::vector<std::pair<Value, Value>>& pairs, Limits& limits);  // of equal keys the last value counts
const Value* find(const Dict& dict, const Value& key, Limits& limits);
/// What a loop goes through: a text's characters, a dict's keys ... An iterator is empty afterwards.
Values items_of(const Value& value, Limits& limits);
bool is_iterable(const Value& value);
std::optional<size_t> length_of(const Value& value);

/// Indices of a slice of `size` things, as Python has it. None: not given.
std::vector<size_t> slice_of(size_t size, const Value& from, const Value& to, const Value& step, Limits& limits);

}  // namespace fairfight::jinja
