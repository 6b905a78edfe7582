#pragma once
#include <initializer_list>
#include <string>
#include <string_view>

#include "fairfight/io/tokenizer/template_value.h"

// What jinja2 and Python give to templates: attributes, methods, filters and tests. What is not implemented is refused by
// name.
namespace fairfight::jinja {

bool is_filter(std::string_view name);  // whether jinja2 has one
bool is_test(std::string_view name);

Value filter(const std::string& name, const Value& of, const Arguments& arguments, Limits& limits);
bool test(const std::string& name, const Value& of, const Arguments& arguments, Limits& limits);

Value attribute(const Value& of, const std::string& name, Limits& limits);  // a.b
Value item(const Value& of, const Value& key, Limits& limits);              // a[b]
Value arithmetic(const std::string& sign, const Value& left, const Value& right, Limits& limits);

/// Arguments put to their parameters' names, as Python does it.
class Given {
 public:
  Given(const std::string& whose, const Arguments& arguments, std::initializer_list<const char*> names, size_t needed,
        Limits& limits);

  const Value* operator[](size_t i) const { return values_[i] ? &*values_[i] : nullptr; }
  bool flag(size_t i, bool otherwise = false) const { return values_[i] ? is_true(*values_[i]) : otherwise; }
  int64_t integer(size_t i, int64_t otherwise = 0) const;
  std::string text(size_t i, std::string otherwise = "") const;  // of a parameter that must be a text

 private:
  std::string whose_;
  std::vector<std::optional<Value>> values_;
  Limits& limits_;
};

}  // namespace fairfight::jinja
