#include "fairfight/io/jinja/evaluator.h"

#include <fmt/format.h>

#include <algorithm>

#include "fairfight/io/jinja/arithmetic.h"
#include "fairfight/io/jinja/filters.h"
#include "fairfight/io/jinja/members.h"
#include "fairfight/io/jinja/print.h"
#include "fairfight/io/jinja/tests.h"
#include "fairfight/io/shown.h"
#include "fairfight/io/tokenizer/unicode.h"

namespace fairfight::jinja {

Value Scope::found(const std::string& name) const {
  for (const Scope* scope = this; scope; scope = scope->outer.get())
    if (const auto found = scope->names.find(name); found != scope->names.end()) return found->second;
  return undefined(name);
}

Value Scope::undefined(const std::string& name) {
  return Value::undefined(fmt::format("\"{}\" is not defined", shown(name)));
}

Value Evaluator::value(const Expression& e) {
  const Limits::Deeper deeper(limits_);
  limits_.step();
  const auto child = [&](size_t i) { return value(*e.children[i]); };
  switch (e.kind) {
    case Kind::constant:
      return e.constant;
    case Kind::name:
      return scope_->found(e.text);
    case Kind::attribute:
      return attribute(child(0), e.text, limits_);
    case Kind::item: {
      const Value of = child(0);
      return e.children[1]->kind == Kind::slice ? sliced(of, *e.children[1]) : item(of, child(1), limits_);
    }
    case Kind::slice:
      limits_.refuse("a slice among others");
    case Kind::list:
    case Kind::tuple: {
      Values all;
      for (size_t i = 0; i < e.children.size(); ++i) all.push_back(child(i));
      return sequence_of(std::move(all), e.kind == Kind::list ? Sequence::Form::list : Sequence::Form::tuple, limits_);
    }
    case Kind::dict: {
      std::vector<std::pair<Value, Value>> pairs;
      for (size_t i = 0; i < e.children.size(); i += 2) {
        Value key = child(i);
        pairs.emplace_back(std::move(key), child(i + 1));
      }
      return dict_of(pairs, limits_);
    }
    case Kind::call:
      return call(e, nullptr);
    case Kind::filter: {
      const Value of = e.children[0] ? child(0) : *input_;
      return jinja::filter(e.text, of, arguments(e), limits_);
    }
    case Kind::test: {
      const Value of = child(0);
      return jinja::test(e.text, of, arguments(e), limits_);
    }
    case Kind::unary:
      return unary(e.text, child(0));
    case Kind::binary: {
      const Value left = child(0);
      return arithmetic(e.text, left, child(1), limits_);
    }
    case Kind::both:
    case Kind::either: {
      Value left = child(0);
      return is_true(left) == (e.kind == Kind::either) ? left : child(1);
    }
    case Kind::concat: {
      std::string all;
      for (size_t i = 0; i < e.children.size(); ++i) {
        all += str(child(i), limits_);
        limits_.text(all.size());
      }
      return all;
    }
    case Kind::compare:
      return compared(e);
    case Kind::choice:
      return is_true(child(1))       ? child(0)
             : e.children.size() > 2 ? child(2)
                                     : Value::undefined("an \"if\" without \"else\" chose nothing");
    case Kind::space:
      break;
  }
  limits_.wrong("has an odd expression");
}

Value Evaluator::filtered(const Expression& filter, Value input) {
  input_ = &input;
  return value(filter);
}

Value Evaluator::unary(const std::string& sign, const Value& of) {
  if (sign == "not") return !is_true(of);
  if (const auto* real = of.as<double>()) return sign == "-" ? -*real : *real;
  if (!of.integer()) limits_.wrong(fmt::format("\"{}\" of {}", sign, type_of(of)));
  return sign == "-" ? arithmetic("-", int64_t(0), of, limits_) : Value(*of.integer());
}

Value Evaluator::compared(const Expression& e) {
  Value left = value(*e.children[0]);
  for (size_t i = 0; i < e.names.size(); ++i) {
    Value right = value(*e.children[i + 1]);
    if (!holds(e.names[i], left, right)) return false;
    left = std::move(right);
  }
  return true;
}

bool Evaluator::holds(const std::string& sign, const Value& left, const Value& right) {
  if (sign == "==" || sign == "!=") return equal(left, right, limits_) == (sign == "==");
  if (sign == "in" || sign == "not in") return contains(right, left, limits_) == (sign == "in");
  if (sign == "<" || sign == ">") return sign == "<" ? less(left, right, limits_) : less(right, left, limits_);
  return (sign == "<=" ? less(left, right, limits_) : less(right, left, limits_)) || equal(left, right, limits_);
}

Value Evaluator::sliced(const Value& of, const Expression& slice) {
  const Value from = value(*slice.children[0]), to = value(*slice.children[1]), step = value(*slice.children[2]);
  if (const std::string* text = of.text()) {
    if (of.as<Text>()->safe) limits_.refuse("a slice of a safe text");
    std::vector<size_t> starts;
    limits_.text(text->size());
    for (size_t at = 0; at < text->size(); unicode::next(*text, at)) starts.push_back(at);
    std::string part;
    for (const size_t i : slice_of(starts.size(), from, to, step, limits_))
      part += text->substr(starts[i], (i + 1 < starts.size() ? starts[i + 1] : text->size()) - starts[i]);
    return part;
  }
  if (!of.is_defined()) limits_.wrong("a slice of what is not defined");
  const Sequence* list = of.sequence();
  if (!list || list->form > Sequence::Form::range) return Value::undefined(fmt::format("a slice of {}", type_of(of)));
  if (list->form == Sequence::Form::range) limits_.refuse("a slice of a range");
  Values part;
  for (const size_t i : slice_of(list->all.size(), from, to, step, limits_)) part.push_back(list->all[i]);
  return sequence_of(std::move(part), list->form, limits_);
}

Arguments Evaluator::arguments(const Expression& e) {
  Arguments all;
  for (size_t i = 1; i < e.children.size(); ++i) {
    const size_t behind = e.children.size() - i;
    if (behind <= e.names.size())
      all.named.emplace_back(e.names[e.names.size() - behind], value(*e.children[i]));
    else
      all.values.push_back(value(*e.children[i]));
  }
  if (e.list)
    for (Value& more : items_of(value(*e.list), limits_)) all.values.push_back(std::move(more));
  if (e.named) {
    const Value more = value(*e.named);
    if (!more.dict()) limits_.wrong(fmt::format("takes named arguments from {}", type_of(more)));
    for (const auto& [key, named] : more.dict()->all) {
      const auto name = key.text();
      const auto known = [&](const auto& pair) { return pair.first == *name; };
      if (!name || std::any_of(all.named.begin(), all.named.end(), known))
        limits_.wrong("has a named argument twice, or one whose name is no text");
      all.named.emplace_back(*name, named);
    }
  }
  return all;
}

Value Evaluator::call(const Expression& e, const Value* caller) {
  const Value called = value(*e.children[0]);
  Arguments given = arguments(e);
  if (caller) given.named.emplace_back("caller", *caller);
  if (const auto* missing = called.as<Undefined>())
    limits_.wrong(fmt::format("calls what is not defined{}", missing->why ? ": " + *missing->why : ""));
  if (!called.object() || !called.object()->callable()) limits_.wrong(fmt::format("calls {}", type_of(called)));
  return called.object()->call(given, limits_);
}

}  // namespace fairfight::jinja
