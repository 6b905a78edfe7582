#include "fairfight/io/jinja/parse.h"

#include <algorithm>
#include <set>

#include "fairfight/io/jinja/expression_parser.h"
#include "fairfight/io/jinja/scopes.h"
#include "fairfight/io/shown.h"

namespace fairfight::jinja {
namespace {

/// jinja2's parser of statements, function by function.
class StatementParser : ExpressionParser {
 public:
  StatementParser(std::string_view source, const std::string& what) : ExpressionParser(source, what) {}

  Block whole() { return block({}); }

 private:
  // --- targets
  std::string new_name() {
    std::string word = name();
    for (const char* taken : {"true", "True", "false", "False", "none", "None"})
      if (word == taken) wrong(fmt::format("sets \"{}\"", word));
    return word;
  }
  Tree target(bool spaces) {
    std::vector<Tree> parts;
    bool is_tuple = false;
    while (true) {
      if (!parts.empty()) expect(",");
      if (at_end_of_tuple() || at_name("in")) break;
      parts.push_back(single_target(spaces));
      if (!at(",")) break;
      is_tuple = true;
    }
    if (!is_tuple && !parts.empty()) return std::move(parts[0]);
    Tree tuple = make(Kind::tuple);
    tuple->children = std::move(parts);
    return tuple;
  }
  Tree single_target(bool spaces) {
    const Level level(*this);
    if (take("(")) {
      Tree inner = target(false);
      expect(")");
      return inner;
    }
    if (at("[")) refuse("a list as a target");
    Tree name = make(Kind::name, new_name());
    if (!spaces || !take(".")) return name;
    name->kind = Kind::space;
    name->names.push_back(this->name());
    return name;
  }

  // --- statements
  /// Up to a tag that begins with one of `ends`, whose name is taken; without any, up to the template's end.
  Block block(const std::vector<const char*>& ends, std::string* end = nullptr) {
    if (++block_depth_ > kDeepestSource) wrong("blocks are nested too deeply");
    Block result;
    auto& all = result.statements;
    while (!at(TokenKind::end)) {
      nodes_ = 0;
      if (at(TokenKind::data)) {
        all.push_back({Statement::What::text, now().text});
        advance();
      } else if (at(TokenKind::variable_begin)) {
        advance();
        all.push_back({Statement::What::output, ""});
        all.back().expressions.push_back(tuple());
        expect_end(TokenKind::variable_end);
      } else {
        advance();
        for (const char* known : ends)
          if (at_name(known)) {
            *end = name();
            --block_depth_;
            return result;
          }
        all.push_back(statement());
        expect_end(TokenKind::block_end);
      }
    }
    if (!ends.empty()) wrong(fmt::format("a block without its \"{}\"", ends.back()));
    --block_depth_;
    return result;
  }
  /// The body of a tag, which ends here, up to `ends`.
  Block body(const std::vector<const char*>& ends, std::string* end = nullptr) {
    take(":");  // as in Python
    expect_end(TokenKind::block_end);
    std::string ignored;
    return block(ends, end ? end : &ignored);
  }

  Statement statement() {
    const std::string tag = name();
    if (tag == "set") return set();
    if (tag == "for") return loop();
    if (tag == "if") return branch();
    if (tag == "macro") return macro();
    if (tag == "call") return call();
    if (tag == "with") return with();
    const Saved soft(soft_, false);
    Statement statement{Statement::What::output, ""};
    if (tag == "print") {
      while (!at(TokenKind::block_end)) {
        if (!statement.expressions.empty()) expect(",");
        statement.expressions.push_back(expression());
      }
    } else if (tag == "filter") {
      statement.what = Statement::What::filter;
      Tree inner = filter(nullptr);
      while (take("|")) inner = filter(std::move(inner));
      settle_unknown();
      statement.expressions.push_back(std::move(inner));
      statement.blocks.push_back(body({"endfilter"}));
    } else if (tag == "generation") {  // marks what the assistant says
      statement.what = Statement::What::generation;
      const Saved loops(loops_, size_t(0));
      statement.blocks.push_back(body({"endgeneration"}));
    } else if (tag == "break" || tag == "continue") {
      if (loops_ == 0) wrong(fmt::format("a \"{}\" outside of loops", tag));
      statement.what = tag == "break" ? Statement::What::leave : Statement::What::proceed;
    } else if (tag.starts_with("end") || tag == "else" || tag == "elif") {
      wrong(fmt::format("\"{}\" without its beginning", shown(tag)));
    } else {
      refuse(fmt::format("the statement \"{}\"", shown(tag)));
    }
    return statement;
  }
  Statement set() {
    Statement statement{Statement::What::set, ""};
    statement.targets.push_back(target(true));
    if (take("=")) {
      statement.expressions.push_back(tuple());
      return statement;
    }
    statement.what = Statement::What::set_block;
    const Saved soft(soft_, false);
    Tree inner;
    while (take("|")) inner = filter(std::move(inner));
    settle_unknown();
    if (inner) statement.expressions.push_back(std::move(inner));
    statement.blocks.push_back(body({"endset"}));
    return statement;
  }
  Statement loop() {
    Statement statement{Statement::What::for_each, ""};
    statement.targets.push_back(target(false));
    if (names_of(*statement.targets[0]).contains("loop")) wrong("sets \"loop\"");
    expect_name("in");
    statement.expressions.push_back(tuple("recursive", false));
    const Saved soft(soft_, false);
    if (take_name("if")) statement.expressions.push_back(expression());
    statement.recursive = take_name("recursive");
    std::string end;
    {
      const Saved loops(loops_, statement.recursive ? size_t(1) : loops_ + 1);
      statement.blocks.push_back(body({"else", "endfor"}, &end));
    }
    const Saved loops(loops_, statement.recursive ? size_t(0) : loops_);
    if (end == "else") statement.blocks.push_back(body({"endfor"}));
    return statement;
  }
  Statement branch() {
    Statement statement{Statement::What::branch, ""};
    const Saved soft(soft_, true);
    for (std::string end = "elif"; end != "endif";) {
      const bool last = end == "else";
      if (!last) statement.expressions.push_back(tuple({}, false));
      if (last)
        statement.blocks.push_back(body({"endif"}, &end));
      else
        statement.blocks.push_back(body({"elif", "else", "endif"}, &end));
    }
    return statement;
  }
  /// Parameters of a macro, or of what a call block hands to one.
  void parameters(Statement& statement) {
    const Saved soft(soft_, false);
    expect("(");
    while (!at(")")) {
      if (!statement.names.empty()) expect(",");
      statement.names.push_back(new_name());
      if (statement.names.back() == "caller") refuse("a parameter \"caller\"");
      if (take("="))
        statement.expressions.push_back(expression());
      else if (!statement.expressions.empty())
        wrong("a parameter without a default after one with a default");
    }
    expect(")");
    const std::set<std::string> once(statement.names.begin(), statement.names.end());
    if (once.size() != statement.names.size()) wrong("a parameter stands twice");
  }
  void callable_body(Statement& statement, const char* end) {
    const Saved soft(soft_, false);
    const Saved loops(loops_, size_t(0));
    const size_t from = mentioned_.size();
    statement.blocks.push_back(body({end}));
    const auto uses = [&](const char* name) {
      const auto& known = statement.names;
      return std::find(mentioned_.begin() + ptrdiff_t(from), mentioned_.end(), name) != mentioned_.end() &&
             std::find(known.begin(), known.end(), name) == known.end();
    };
    statement.uses_caller = uses("caller");
    statement.uses_list = uses("varargs");
    statement.uses_named = uses("kwargs");
  }
  Statement macro() {
    Statement statement{Statement::What::macro, new_name()};
    parameters(statement);
    callable_body(statement, "endmacro");
    return statement;
  }
  Statement call() {
    Statement statement{Statement::What::call, "caller"};
    if (at("(")) parameters(statement);
    Tree called = expression();
    if (called->kind != Kind::call) wrong("expected a call");
    callable_body(statement, "endcall");
    statement.targets.push_back(std::move(called));
    return statement;
  }
  Statement with() {
    Statement statement{Statement::What::with, ""};
    const Saved soft(soft_, false);
    while (!at(TokenKind::block_end) && !at(":")) {
      if (!statement.targets.empty()) expect(",");
      statement.targets.push_back(single_target(false));
      expect("=");
      statement.expressions.push_back(expression());
    }
    statement.blocks.push_back(body({"endwith"}));
    return statement;
  }

  size_t block_depth_ = 0, loops_ = 0;
};

}  // namespace

Block parse(std::string_view source, const std::string& what) {
  Block block = StatementParser(source, what).whole();
  hide_names(block);
  return block;
}

}  // namespace fairfight::jinja
