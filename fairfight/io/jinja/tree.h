#pragma once
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "fairfight/io/jinja/value.h"

// Jinja, which chat templates are written in, as a tree.
namespace fairfight::jinja {

enum class Kind {
  constant,
  name,
  attribute,  // a.text
  item,       // a[b]; children a, b
  slice,      // [from:to:step] within an item
  list,
  tuple,
  dict,     // children: key, value, key, value ...
  call,     // children: function, arguments
  filter,   // a | text(arguments); children: a (null in a filter block), arguments
  test,     // a is text(arguments)
  unary,    // text is -, + or not
  binary,   // text is the operator
  both,     // and
  either,   // or
  concat,   // a ~ b ~ c
  compare,  // a < b < c; `names` are the operators
  choice,   // a if b else c; children a, b, c or a, b
  space     // text.names[0], as a target of `set`
};

struct Expression {
  Kind kind;
  std::string text;
  Value constant;
  std::vector<std::unique_ptr<Expression>> children;
  std::vector<std::string> names;           // of the last arguments
  std::unique_ptr<Expression> list, named;  // *list and **named
};
using Tree = std::unique_ptr<Expression>;

struct Statement;
struct Block {
  std::vector<Statement> statements;
  std::set<std::string> hidden;  // names that are not defined in here until they are set, whatever stands outside
};

struct Statement {
  enum class What {
    text,
    output,
    set,
    set_block,
    for_each,
    branch,
    macro,
    call,
    filter,
    with,
    generation,
    leave,
    proceed
  } what;
  std::string text;                    // of a text; a macro's name
  std::vector<Tree> targets = {};      // of set, for, with
  std::vector<Tree> expressions = {};  // what is written, set, gone through (and its condition), called; the conditions; the
                                       // values of with; the defaults of a macro
  std::vector<Block> blocks = {};      // the body; of for and if those of else and elif
  std::vector<std::string> names = {};  // a macro's parameters
  bool recursive = false, uses_caller = false, uses_list = false, uses_named = false;
};

}  // namespace fairfight::jinja
