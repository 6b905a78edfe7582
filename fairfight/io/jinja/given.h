#pragma once
#include <initializer_list>
#include <string>

#include "fairfight/io/jinja/value.h"

namespace fairfight::jinja {

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
