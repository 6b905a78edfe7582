#pragma once
#include <map>
#include <memory>

#include "fairfight/io/jinja/tree.h"

namespace fairfight::jinja {

/// The variables of a block, and those around it.
struct Scope {
  std::map<std::string, Value> names = {};
  std::shared_ptr<Scope> outer = {};

  Value found(const std::string& name) const;
  static Value undefined(const std::string& name);
};

/// Works out expressions, in the scope that is open at that time.
class Evaluator {
 public:
  Evaluator(const std::shared_ptr<Scope>& scope, Limits& limits) : scope_(scope), limits_(limits) {}

  Value value(const Expression& e);
  Value filtered(const Expression& filter, Value input);  // of a filter that has nothing in front
  Value call(const Expression& e, const Value* caller);   // caller: of a call block, or null

 private:
  Value unary(const std::string& sign, const Value& of);
  Value compared(const Expression& e);
  bool holds(const std::string& sign, const Value& left, const Value& right);
  Value sliced(const Value& of, const Expression& slice);
  Arguments arguments(const Expression& e);

  const std::shared_ptr<Scope>& scope_;
  Limits& limits_;
  const Value* input_ = nullptr;  // what `filtered` puts in front
};

}  // namespace fairfight::jinja
