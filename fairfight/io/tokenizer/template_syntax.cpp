#include "fairfight/io/tokenizer/template_syntax.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "fairfight/base/error.h"
#include "fairfight/io/shown.h"
#include "fairfight/io/tokenizer/template_lexer.h"
#include "fairfight/io/tokenizer/template_library.h"
#include "fairfight/io/tokenizer/template_scopes.h"

namespace fairfight::jinja {
namespace {

constexpr size_t kDeepestSource = 64, kLargestExpression = 1000;  // levels, and nodes of one expression

/// jinja2's parser, function by function.
class Parser {
 public:
  Parser(std::string_view source, const std::string& what) : what_(what), tokens_(tokens_of(source, what)) {}

  Block whole() { return block({}); }

 private:
  [[noreturn]] void wrong(std::string_view why) const {
    std::string where;
    for (size_t i = at_ < 4 ? 0 : at_ - 4; i < std::min(at_ + 3, tokens_.size()); ++i)
      where += (where.empty() ? "" : " ") + tokens_[i].text;
    fail("[chat_template] {}: \"{}\": {}", what_, shown(where), why);
  }
  [[noreturn]] void refuse(std::string_view what) const {
    wrong(fmt::format("{}; fairfight does not implement this", what));
  }

  const Token& now() const { return tokens_[at_]; }
  const Token& behind() const { return tokens_[std::min(at_ + 1, tokens_.size() - 1)]; }
  bool at(TokenKind kind) const { return now().kind == kind; }
  bool at(std::string_view sign) const { return at(TokenKind::sign) && now().text == sign; }
  bool at_name(std::string_view name) const { return at(TokenKind::name) && now().text == name; }
  void advance() { at_ += at_ + 1 < tokens_.size(); }
  bool take(std::string_view sign) { return at(sign) && (advance(), true); }
  bool take_name(std::string_view name) { return at_name(name) && (advance(), true); }
  void expect(std::string_view sign) {
    if (!take(sign)) wrong(fmt::format("got \"{}\", expected \"{}\"", shown(now().text), sign));
  }
  void expect_name(std::string_view name) {
    if (!take_name(name)) wrong(fmt::format("got \"{}\", expected \"{}\"", shown(now().text), name));
  }
  void expect_end(TokenKind end) {
    if (!at(end)) wrong(fmt::format("got \"{}\" behind its end", shown(now().text)));
    advance();
  }
  std::string name() {
    if (!at(TokenKind::name)) wrong(fmt::format("got \"{}\", expected a name", shown(now().text)));
    std::string name = now().text;
    advance();
    return name;
  }
  std::string dotted_name() {
    std::string all = name();
    while (take(".")) all += "." + name();
    return all;
  }

  struct Level {
    explicit Level(Parser& parser) : depth(parser.depth_) {
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

  // --- expressions
  Tree expression(bool with_choice = true) {
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
  void settle_unknown() {
    if (!unknown_.empty() && !soft_) wrong(fmt::format("there is no {}", unknown_.front()));
    unknown_.clear();
  }
  Tree chain(Kind kind, std::string_view word, Tree (Parser::*next)()) {
    Tree left = (this->*next)();
    while (take_name(word)) left = make(kind, "", std::move(left), (this->*next)());
    return left;
  }
  Tree either() { return chain(Kind::either, "or", &Parser::both); }
  Tree both() { return chain(Kind::both, "and", &Parser::negation); }
  Tree negation() {
    if (!take_name("not")) return comparison();
    const Level level(*this);
    return make(Kind::unary, "not", negation());
  }
  Tree comparison() {
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
  Tree operators(Tree (Parser::*next)(), std::initializer_list<const char*> signs) {
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
  Tree sum() { return operators(&Parser::concat, {"+", "-"}); }
  Tree concat() {
    Tree first = product();
    if (!at("~")) return first;
    Tree all = make(Kind::concat, "", std::move(first));
    while (take("~")) all->children.push_back(product());
    return all;
  }
  Tree product() { return operators(&Parser::power, {"*", "/", "//", "%"}); }
  Tree power() { return operators(&Parser::filtered_unary, {"**"}); }
  Tree filtered_unary() { return unary(true); }
  Tree unary(bool with_filters) {
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
  Tree postfix(Tree value) {
    while (true) {
      if (at(".") || at("["))
        value = subscript(std::move(value));
      else if (at("("))
        value = arguments(make(Kind::call, "", std::move(value)));
      else
        return value;
    }
  }
  Tree filters(Tree value) {
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
  Tree filter(Tree value) {
    Tree filter = make(Kind::filter, dotted_name(), std::move(value));
    if (!is_filter(filter->text)) unknown_.push_back(fmt::format("filter \"{}\"", shown(filter->text)));
    return at("(") ? arguments(std::move(filter)) : std::move(filter);
  }
  Tree test(Tree value) {
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
  Tree subscript(Tree value) {
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
  Tree subscribed() {
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
  Tree arguments(Tree call) {
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
  Tree number() {
    const std::string text = now().text;
    int64_t whole = 0;
    const bool is_whole = at(TokenKind::integer);
    if (is_whole && std::from_chars(text.data(), text.data() + text.size(), whole).ec != std::errc())
      refuse("a number of more than 64 bits");
    advance();
    return constant(is_whole ? Value(whole) : Value(std::strtod(text.c_str(), nullptr)));
  }
  Tree primary() {
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
  Tree tuple(std::string_view end = {}, bool with_choice = true, bool in_parentheses = false) {
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
        wrong("a parameter without a default behind one with a default");
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

  const std::string& what_;
  const std::vector<Token> tokens_;
  std::vector<std::string> mentioned_, unknown_;
  size_t at_ = 0, depth_ = 0, block_depth_ = 0, nodes_ = 0, loops_ = 0;
  bool soft_ = false;  // under a condition
};

}  // namespace

Block parse(std::string_view source, const std::string& what) {
  Block block = Parser(source, what).whole();
  hide_names(block);
  return block;
}

}  // namespace fairfight::jinja
