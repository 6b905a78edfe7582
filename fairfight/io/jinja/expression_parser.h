#pragma once
#include <initializer_list>
#include <memory>

#include "fairfight/io/jinja/token_reader.h"
#include "fairfight/io/jinja/tree.h"

namespace fairfight::jinja {

constexpr size_t kDeepestSource = 64, kLargestExpression = 1000;  // levels, and nodes of one expression

/// jinja2's parser of expressions, function by function.
class ExpressionParser : protected TokenReader {
 protected:
  using TokenReader::TokenReader;

  struct Level {
    explicit Level(ExpressionParser& parser) : depth(parser.depth_) {
      if (depth == kDeepestSource) parser.wrong("is nested too deeply");
      ++depth;
    }
    ~Level() { --depth; }
    size_t& depth;
  };
  template <class T>
  class Saved {  // of a setting that holds for a part of the template
   public:
    Saved(T& place, T now) : place_(place), before_(place) { place = now; }
    ~Saved() { place_ = before_; }

   private:
    T& place_;
    const T before_;
  };

  template <class... Children>
  Tree make(Kind kind, std::string text = "", Children... children) {
    if (++nodes_ > kLargestExpression) wrong("is too large or too deep");
    auto tree = std::make_unique<Expression>();
    tree->kind = kind;
    tree->text = std::move(text);
    (tree->children.push_back(std::move(children)), ...);
    return tree;
  }
  Tree constant(Value value) {
    Tree tree = make(Kind::constant);
    tree->constant = std::move(value);
    return tree;
  }
  bool at_end_of_tuple() const { return at(TokenKind::variable_end) || at(TokenKind::block_end) || at(")"); }

  Tree expression(bool with_choice = true);
  Tree filter(Tree value);
  /// One expression, or several with commas between them; `end` is a word that ends them.
  Tree tuple(std::string_view end = {}, bool with_choice = true, bool in_parentheses = false);
  void settle_unknown();  // filters and tests that there are not

  std::vector<std::string> mentioned_;  // variables
  size_t nodes_ = 0;
  bool soft_ = false;  // under a condition

 private:
  Tree chain(Kind kind, std::string_view word, Tree (ExpressionParser::*next)());
  Tree either() { return chain(Kind::either, "or", &ExpressionParser::both); }
  Tree both() { return chain(Kind::both, "and", &ExpressionParser::negation); }
  Tree negation();
  Tree comparison();
  Tree operators(Tree (ExpressionParser::*next)(), std::initializer_list<const char*> signs);
  Tree sum() { return operators(&ExpressionParser::concat, {"+", "-"}); }
  Tree concat();
  Tree product() { return operators(&ExpressionParser::power, {"*", "/", "//", "%"}); }
  Tree power() { return operators(&ExpressionParser::filtered_unary, {"**"}); }
  Tree filtered_unary() { return unary(true); }
  Tree unary(bool with_filters);
  Tree postfix(Tree value);
  Tree filters(Tree value);
  Tree test(Tree value);
  Tree subscript(Tree value);
  Tree subscribed();
  Tree arguments(Tree call);
  Tree number();
  Tree primary();

  std::vector<std::string> unknown_;
  size_t depth_ = 0;
};

}  // namespace fairfight::jinja
