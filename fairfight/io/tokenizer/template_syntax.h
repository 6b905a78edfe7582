#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

// The part of Jinja that chat templates are written in, as a tree.
namespace fairfight::jinja {

enum class Kind {
  text,  // of an output; or a literal
  number,
  boolean,
  none,
  name,
  list,    // [a, b]
  member,  // a.b, a['b']: children a, b
  slice,   // a[b:c]: children a, b, c (null where there is none)
  call,    // children: function, arguments; `names` of the named ones behind the others
  filter,  // a | text(arguments)
  test,    // a is text
  unary,   // text is - or not
  binary,  // text is the operator
  choice   // a if b else c
};

struct Expression {
  Kind kind;
  std::string text;
  int64_t number = 0;
  std::vector<std::unique_ptr<Expression>> children;
  std::vector<std::string> names;
};
using Tree = std::unique_ptr<Expression>;

struct Statement;
using Block = std::vector<Statement>;

struct Statement {
  enum class What { text, output, set, for_each, branch } what;
  std::string text;               // of a text; a variable's name
  std::string member;             // {% set text.member = ... %}
  std::vector<Tree> expressions;  // output: one; set: one; for_each: the list; branch: the conditions
  std::vector<Block> blocks;      // for_each: the body; branch: one a condition, and that of else
};

/// Errors name the template and what is not implemented.
Block parse(std::string_view source, const std::string& what);

}  // namespace fairfight::jinja
