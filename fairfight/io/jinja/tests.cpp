#include "fairfight/io/jinja/tests.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "fairfight/io/jinja/arithmetic.h"
#include "fairfight/io/jinja/filters.h"
#include "fairfight/io/jinja/given.h"
#include "fairfight/io/jinja/print.h"
#include "fairfight/io/jinja/text_methods.h"
#include "fairfight/io/shown.h"

namespace fairfight::jinja {
namespace {

using Form = Sequence::Form;

const std::set<std::string, std::less<>> kTests{
    "!=", "<", "<=", "==", ">", ">=", "boolean", "callable", "defined", "divisibleby",
    "eq", "equalto", "escaped", "even", "false", "filter", "float", "ge", "greaterthan", "gt",
    "in", "integer", "iterable", "le", "lessthan", "lower", "lt", "mapping", "ne", "none",
    "number", "odd", "sameas", "sequence", "string", "test", "true", "undefined", "upper"};

bool is_same(const Value& left, const Value& right, Limits& limits) {
  if (left.sequence() || right.sequence()) return left.sequence() == right.sequence();
  if (left.dict() || right.dict()) return left.dict() == right.dict();
  if (left.object() || right.object()) return left.object() == right.object();
  if (left.is.index() != right.is.index()) return false;
  if (left.is_none() || left.as<bool>()) return equal(left, right, limits);
  limits.refuse(fmt::format("whether {} is the same", type_of(left)));
}

}  // namespace

bool is_test(std::string_view name) { return kTests.contains(name); }

bool test(const std::string& name, const Value& of, const Arguments& arguments, Limits& limits) {
  static const std::map<std::string, std::string, std::less<>> same{{"eq", "=="}, {"equalto", "=="}, {"ne", "!="}, {"gt", ">"}, {"greaterthan", ">"}, {"ge", ">="}, {"lt", "<"}, {"lessthan", "<"}, {"le", "<="}};
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

}  // namespace fairfight::jinja
