#include "fairfight/io/jinja/expression_parser.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "fairfight/io/jinja/filters.h"
#include "fairfight/io/jinja/tests.h"
#include "fairfight/io/shown.h"

namespace fairfight::jinja {

Tree ExpressionParser::expression(bool with_choice) {
  const Level level(*this);
  if (!with_choice) return either();
  // what stands under a condition may name filters that there are not, as long as nobody gets there
  const size_t from = unknown_.size();
  Tree value = either();
  bool chosen = false;
  while (take_name("if")) {
    chosen = true;
    Tree condition = either();
    value = take_name("else") ? make(Kind::choice, "", std::move(value), std::move(condition), expression())
                              : make(Kind::choice, "", std::move(value), std::move(condition));
  }
  if (chosen) unknown_.resize(from);
  if (depth_ == 1) settle_unknown();
  return value;
}

void ExpressionParser::settle_unknown() {
  if (!unknown_.empty() && !soft_) wrong(fmt::format("there is no {}", unknown_.front()));
  unknown_.clear();
}

Tree ExpressionParser::chain(Kind kind, std::string_view word, Tree (ExpressionParser::*next)()) {
  Tree left = (this->*next)();
  while (take_name(word)) left = make(kind, "", std::move(left), (this->*next)());
  return left;
}

Tree ExpressionParser::negation() {
  if (!take_name("not")) return comparison();
  const Level level(*this);
  return make(Kind::unary, "not", negation());
}

Tree ExpressionParser::comparison() {
  Tree first = sum();
  Tree all;
  while (true) {
    std::string sign;
    for (const char* known : {"==", "!=", "<=", ">=", "<", ">"})
      if (sign.empty() && take(known)) sign = known;
    if (sign.empty() && take_name("in")) sign = "in";
    if (sign.empty() && at_name("not") && behind().kind == TokenKind::name && behind().text == "in") {
      advance(), advance();
      sign = "not in";
    }
    if (sign.empty()) return all ? std::move(all) : std::move(first);
    if (!all) all = make(Kind::compare, "", std::move(first));
    all->names.push_back(sign);
    all->children.push_back(sum());
  }
}

Tree ExpressionParser::operators(Tree (ExpressionParser::*next)(), std::initializer_list<const char*> signs) {
  Tree left = (this->*next)();
  for (bool more = true; more;) {
    more = false;
    for (const char* sign : signs)
      if (!more && take(sign)) {
        left = make(Kind::binary, sign, std::move(left), (this->*next)());
        more = true;
      }
  }
  return left;
}

Tree ExpressionParser::concat() {
  Tree first = product();
  if (!at("~")) return first;
  Tree all = make(Kind::concat, "", std::move(first));
  while (take("~")) all->children.push_back(product());
  return all;
}

Tree ExpressionParser::unary(bool with_filters) {
  const Level level(*this);
  Tree value;
  if (at("-") || at("+")) {
    const std::string sign = now().text;
    advance();
    value = make(Kind::unary, sign, unary(false));
  } else {
    value = primary();
  }
  value = postfix(std::move(value));
  return with_filters ? filters(std::move(value)) : std::move(value);
}

Tree ExpressionParser::postfix(Tree value) {
  while (true) {
    if (at(".") || at("["))
      value = subscript(std::move(value));
    else if (at("("))
      value = arguments(make(Kind::call, "", std::move(value)));
    else
      return value;
  }
}

Tree ExpressionParser::filters(Tree value) {
  while (true) {
    if (take("|"))
      value = filter(std::move(value));
    else if (at_name("is"))
      value = test(std::move(value));
    else if (at("("))
      value = arguments(make(Kind::call, "", std::move(value)));
    else
      return value;
  }
}

Tree ExpressionParser::filter(Tree value) {
  Tree filter = make(Kind::filter, dotted_name(), std::move(value));
  if (!is_filter(filter->text)) unknown_.push_back(fmt::format("filter \"{}\"", shown(filter->text)));
  return at("(") ? arguments(std::move(filter)) : std::move(filter);
}

Tree ExpressionParser::test(Tree value) {
  advance();
  const bool negated = take_name("not");
  Tree test = make(Kind::test, dotted_name(), std::move(value));
  if (!is_test(test->text)) unknown_.push_back(fmt::format("test \"{}\"", shown(test->text)));
  if (at("(")) {
    test = arguments(std::move(test));
  } else if ((at(TokenKind::name) && !at_name("else") && !at_name("or") && !at_name("and")) || at(TokenKind::text) ||
             at(TokenKind::integer) || at(TokenKind::real) || at("[") || at("{")) {
    if (at_name("is")) wrong("chains tests");
    test->children.push_back(postfix(primary()));
  }
  return negated ? make(Kind::unary, "not", std::move(test)) : std::move(test);
}

Tree ExpressionParser::subscript(Tree value) {
  if (take(".")) {
    if (at(TokenKind::integer)) return make(Kind::item, "", std::move(value), primary());
    return make(Kind::attribute, name(), std::move(value));
  }
  expect("[");
  std::vector<Tree> keys;
  while (!at("]")) {
    if (!keys.empty()) expect(",");
    keys.push_back(subscribed());
  }
  expect("]");
  if (keys.size() == 1) return make(Kind::item, "", std::move(value), std::move(keys[0]));
  Tree tuple = make(Kind::tuple);
  tuple->children = std::move(keys);
  return make(Kind::item, "", std::move(value), std::move(tuple));
}

Tree ExpressionParser::subscribed() {
  Tree from;
  if (!at(":")) {
    from = expression();
    if (!at(":")) return from;
  }
  expect(":");
  const auto part = [&] { return at(":") || at("]") || at(",") ? constant(None()) : expression(); };
  Tree to = part();
  Tree step = take(":") ? part() : constant(None());
  return make(Kind::slice, "", from ? std::move(from) : constant(None()), std::move(to), std::move(step));
}

Tree ExpressionParser::arguments(Tree call) {
  expect("(");
  for (bool first = true; !at(")"); first = false) {
    if (!first) {
      expect(",");
      if (at(")")) break;
    }
    if (take("*")) {
      if (call->list || call->named) wrong("has arguments in an odd order");
      call->list = expression();
    } else if (take("**")) {
      if (call->named) wrong("has arguments in an odd order");
      call->named = expression();
    } else if (at(TokenKind::name) && behind().kind == TokenKind::sign && behind().text == "=") {
      if (call->named) wrong("has arguments in an odd order");
      std::string key = name();
      advance();
      if (std::find(call->names.begin(), call->names.end(), key) != call->names.end())
        wrong(fmt::format("the argument \"{}\" stands twice", shown(key)));
      call->names.push_back(std::move(key));
      call->children.push_back(expression());
    } else {
      if (call->list || call->named || !call->names.empty()) wrong("has arguments in an odd order");
      call->children.push_back(expression());
    }
  }
  expect(")");
  return call;
}

Tree ExpressionParser::number() {
  const std::string text = now().text;
  int64_t whole = 0;
  const bool is_whole = at(TokenKind::integer);
  if (is_whole && std::from_chars(text.data(), text.data() + text.size(), whole).ec != std::errc())
    refuse("a number of more than 64 bits");
  advance();
  return constant(is_whole ? Value(whole) : Value(std::strtod(text.c_str(), nullptr)));
}

Tree ExpressionParser::primary() {
  if (at(TokenKind::integer) || at(TokenKind::real)) return number();
  if (at(TokenKind::text)) {
    std::string text;
    for (; at(TokenKind::text); advance()) text += now().text;
    return constant(std::move(text));
  }
  if (take("(")) {
    Tree inner = tuple({}, true, true);
    expect(")");
    return inner;
  }
  if (take("[")) {
    Tree list = make(Kind::list);
    while (!at("]")) {
      if (!list->children.empty()) expect(",");
      if (at("]")) break;
      list->children.push_back(expression());
    }
    expect("]");
    return list;
  }
  if (take("{")) {
    Tree dict = make(Kind::dict);
    while (!at("}")) {
      if (!dict->children.empty()) expect(",");
      if (at("}")) break;
      dict->children.push_back(expression());
      expect(":");
      dict->children.push_back(expression());
    }
    expect("}");
    return dict;
  }
  if (!at(TokenKind::name)) wrong(fmt::format("got \"{}\", expected a value", shown(now().text)));
  const std::string word = name();
  if (word == "true" || word == "True" || word == "false" || word == "False")
    return constant(word == "true" || word == "True");
  if (word == "none" || word == "None") return constant(None());
  if (word == "self" || word == "super") refuse(fmt::format("the variable \"{}\"", word));
  mentioned_.push_back(word);
  return make(Kind::name, word);
}

/// One expression, or several with commas between them; `end` is a word that ends them.
Tree ExpressionParser::tuple(std::string_view end, bool with_choice, bool in_parentheses) {
  std::vector<Tree> values;
  bool is_tuple = false;
  while (true) {
    if (!values.empty()) expect(",");
    if (at_end_of_tuple() || (!end.empty() && at_name(end))) break;
    values.push_back(expression(with_choice));
    if (!at(",")) break;
    is_tuple = true;
  }
  if (depth_ == 0) settle_unknown();
  if (!is_tuple && !values.empty()) return std::move(values[0]);
  if (!is_tuple && !in_parentheses) wrong(fmt::format("got \"{}\", expected a value", shown(now().text)));
  Tree tuple = make(Kind::tuple);
  tuple->children = std::move(values);
  return tuple;
}

}  // namespace fairfight::jinja
