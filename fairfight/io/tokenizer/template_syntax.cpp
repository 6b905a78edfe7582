#include "fairfight/io/tokenizer/template_syntax.h"

#include <algorithm>
#include <charconv>

#include "fairfight/base/error.h"
#include "fairfight/io/shown.h"

namespace fairfight::jinja {
namespace {

constexpr size_t kDeepest = 64, kLargest = 1000;  // levels, and nodes of one expression

struct Token {
  enum class What { text, name, number, sign, end } what = What::end;
  std::string text;
};

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

/// The inside of {{ }} or {% %}.
class ExpressionParser {
 public:
  ExpressionParser(std::string_view source, const std::string& what) : source_(source), what_(what) { advance(); }

  [[noreturn]] void refuse(std::string_view why) const {
    fail("[chat_template] {}: \"{}\": {}; fairfight does not implement this", what_, shown(source_), why);
  }
  bool at_end() const { return token_.what == Token::What::end; }
  bool at(std::string_view sign) const {
    return token_.text == sign && (token_.what == Token::What::sign || token_.what == Token::What::name);
  }
  bool take(std::string_view sign) {
    if (!at(sign)) return false;
    advance();
    return true;
  }
  void expect(std::string_view sign) {
    if (!take(sign)) refuse(fmt::format("got \"{}\", expected \"{}\"", shown(token_.text), sign));
  }
  std::string name() {
    if (token_.what != Token::What::name) refuse(fmt::format("got \"{}\", expected a name", shown(token_.text)));
    std::string name = token_.text;
    advance();
    return name;
  }
  void end() {
    if (!at_end()) refuse(fmt::format("got \"{}\" behind its end", shown(token_.text)));
  }

  Tree expression() {
    if (++depth_ > kDeepest) refuse("is nested too deeply");
    Tree value = either();
    if (take("if")) {
      Tree condition = either();
      Tree otherwise = take("else") ? expression() : make(Kind::name);  // no name: not defined
      value = make(Kind::choice, "", std::move(value), std::move(condition), std::move(otherwise));
    }
    --depth_;
    return value;
  }

 private:
  template <class... Children>
  Tree make(Kind kind, std::string text = "", Children... children) {
    if (++nodes_ > kLargest) refuse("is too large or too deep");
    auto tree = std::make_unique<Expression>();
    tree->kind = kind;
    tree->text = std::move(text);
    (tree->children.push_back(std::move(children)), ...);
    return tree;
  }

  Tree either() {
    Tree left = both();
    while (take("or")) left = make(Kind::binary, "or", std::move(left), both());
    return left;
  }
  Tree both() {
    Tree left = negation();
    while (take("and")) left = make(Kind::binary, "and", std::move(left), negation());
    return left;
  }
  Tree negation() {
    if (!take("not")) return comparison();
    if (++depth_ > kDeepest) refuse("is nested too deeply");
    Tree inner = negation();
    --depth_;
    return make(Kind::unary, "not", std::move(inner));
  }
  Tree comparison() {
    Tree left = sum();
    bool compared = false;
    while (true) {
      std::string sign;
      for (const char* known : {"==", "!=", "<=", ">=", "<", ">", "in"})
        if (sign.empty() && take(known)) sign = known;
      if (sign.empty() && take("not")) {
        expect("in");
        sign = "not in";
      }
      if (sign.empty()) return left;
      if (compared) refuse("compares three things at once");
      compared = true;
      left = make(Kind::binary, sign, std::move(left), sum());
    }
  }
  Tree chain(Tree (ExpressionParser::*next)(), std::initializer_list<const char*> signs) {
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
  Tree sum() { return chain(&ExpressionParser::joined, {"+", "-"}); }
  Tree joined() { return chain(&ExpressionParser::product, {"~"}); }
  Tree product() { return chain(&ExpressionParser::signed_value, {"*", "//", "%"}); }

  Tree signed_value() {
    if (!take("-")) return tested();
    if (++depth_ > kDeepest) refuse("is nested too deeply");
    Tree inner = signed_value();
    --depth_;
    return make(Kind::unary, "-", std::move(inner));
  }
  /// A value with its filters and tests.
  Tree tested() {
    Tree value = postfix();
    while (true) {
      if (take("|")) {
        value = make(Kind::filter, name(), std::move(value));
        if (take("(")) arguments(*value);
      } else if (take("is")) {
        const bool negated = take("not");
        value = make(Kind::test, name(), std::move(value));
        if (negated) value = make(Kind::unary, "not", std::move(value));
      } else {
        return value;
      }
    }
  }
  Tree postfix() {
    Tree value = primary();
    while (true) {
      if (take(".")) {
        value = make(Kind::member, "", std::move(value), make(Kind::text, name()));
      } else if (take("[")) {
        value = subscript(std::move(value));
      } else if (take("(")) {
        value = make(Kind::call, "", std::move(value));
        arguments(*value);
      } else {
        return value;
      }
    }
  }
  Tree subscript(Tree value) {
    Tree from = at(":") ? make(Kind::none) : expression();
    if (take("]")) return make(Kind::member, "", std::move(value), std::move(from));
    expect(":");
    Tree to = at("]") || at(":") ? make(Kind::none) : expression();
    Tree step = make(Kind::none);
    if (take(":")) step = at("]") ? make(Kind::none) : expression();
    expect("]");
    return make(Kind::slice, "", std::move(value), std::move(from), std::move(to), std::move(step));
  }
  void arguments(Expression& call) {
    while (!take(")")) {
      Tree value = expression();
      if (take("=")) {
        if (value->kind != Kind::name) refuse("has an argument with an odd name");
        call.names.push_back(value->text);
        value = expression();
      } else if (!call.names.empty()) {
        refuse("has an argument without a name behind one with a name");
      }
      call.children.push_back(std::move(value));
      if (!at(")")) expect(",");
    }
  }
  Tree primary() {
    const Token token = token_;
    if (token.what == Token::What::text) {
      advance();
      return make(Kind::text, token.text);
    }
    if (token.what == Token::What::number) {
      advance();
      Tree number = make(Kind::number);
      const auto [end, error] = std::from_chars(token.text.data(), token.text.data() + token.text.size(), number->number);
      if (error != std::errc()) refuse("has a number that is too large");
      return number;
    }
    if (take("(")) {
      Tree inner = expression();
      expect(")");
      return inner;
    }
    if (take("[")) {
      Tree list = make(Kind::list);
      while (!take("]")) {
        list->children.push_back(expression());
        if (!at("]")) expect(",");
      }
      return list;
    }
    const std::string word = name();
    if (word == "true" || word == "True" || word == "false" || word == "False") {
      Tree value = make(Kind::boolean);
      value->number = word == "true" || word == "True";
      return value;
    }
    if (word == "none" || word == "None") return make(Kind::none);
    return make(Kind::name, word);
  }

  void advance() {
    while (at_ < source_.size() && is_space(source_[at_])) ++at_;
    token_ = {};
    if (at_ == source_.size()) return;
    const char c = source_[at_];
    if (c == '\'' || c == '"') return quoted(c);
    const auto run = [&](Token::What what, auto belongs) {
      const size_t from = at_;
      while (at_ < source_.size() && belongs(source_[at_])) ++at_;
      token_ = {what, std::string(source_.substr(from, at_ - from))};
    };
    if (is_digit(c)) return run(Token::What::number, is_digit);
    if (is_letter(c)) return run(Token::What::name, [](char x) { return is_letter(x) || is_digit(x); });
    for (std::string_view sign : {"==", "!=", "<=", ">=", "//"})
      if (source_.substr(at_).starts_with(sign)) {
        token_ = {Token::What::sign, std::string(sign)};
        at_ += 2;
        return;
      }
    if (std::string_view("()[]|.,:=+-*%~<>").find(c) == std::string_view::npos)
      refuse(fmt::format("has a \"{}\"", shown(source_.substr(at_, 1))));
    token_ = {Token::What::sign, std::string(1, c)};
    ++at_;
  }
  void quoted(char quote) {
    token_.what = Token::What::text;
    for (++at_; at_ < source_.size() && source_[at_] != quote; ++at_) {
      char c = source_[at_];
      if (c == '\\' && at_ + 1 < source_.size()) {
        const size_t known = std::string_view("nrt\\'\"").find(source_[++at_]);
        if (known == std::string_view::npos) refuse("has an escape in a text");
        c = "\n\r\t\\'\""[known];
      }
      token_.text += c;
    }
    if (at_ == source_.size()) refuse("has a text without an end");
    ++at_;
  }

  std::string_view source_;
  const std::string& what_;
  size_t at_ = 0, depth_ = 0, nodes_ = 0;
  Token token_;
};

/// A stretch of the source: text, or the inside of a tag.
struct Part {
  char kind;  // t: text, {: output, %: statement
  std::string text;
};

/// Cuts the source, with white space removed as Hugging Face has it: trim_blocks and lstrip_blocks.
std::vector<Part> cut(std::string_view source, const std::string& what) {
  std::vector<Part> parts;
  if (source.ends_with('\n')) source.remove_suffix(1);
  bool trim_next = false, newline_next = false;
  while (!source.empty()) {
    size_t open = 0;
    while ((open = source.find('{', open)) != source.npos &&
           (open + 1 >= source.size() || std::string_view("{%#").find(source[open + 1]) == std::string_view::npos))
      ++open;
    std::string text(source.substr(0, open));
    if (trim_next) text.erase(text.begin(), std::find_if_not(text.begin(), text.end(), is_space));
    bool line_begins = parts.empty();
    if (!trim_next && newline_next && text.starts_with('\n')) {
      text.erase(0, 1);
      line_begins = true;
    }
    trim_next = newline_next = false;
    if (open == source.npos) {
      parts.push_back({'t', text});
      break;
    }
    const char kind = source[open + 1];
    const char* closing = kind == '{' ? "}}" : kind == '%' ? "%}" : "#}";
    size_t close = source.find(closing, open + 2);
    if (kind != '#') {  // not inside of a text
      char quote = 0;
      for (close = open + 2; close < source.size(); ++close) {
        const char c = source[close];
        if (quote && c == '\\')
          ++close;
        else if (quote)
          quote = c == quote ? 0 : quote;
        else if (c == '\'' || c == '"')
          quote = c;
        else if (source.substr(close).starts_with(closing))
          break;
      }
    }
    if (close >= source.size()) fail("[chat_template] {}: a {{{} without its end", what, kind);
    std::string_view inside = source.substr(open + 2, close - open - 2);
    const bool strip_before = inside.starts_with('-'), keep_before = inside.starts_with('+');
    if (strip_before || keep_before) inside.remove_prefix(1);
    trim_next = inside.ends_with('-');
    const bool keep_behind = inside.ends_with('+');
    if (trim_next || (keep_behind && kind != '{')) inside.remove_suffix(1);
    newline_next = kind != '{' && !keep_behind;
    if (strip_before) {
      while (!text.empty() && is_space(text.back())) text.pop_back();
    } else if (kind != '{' && !keep_before) {  // the indentation of a statement that begins its line
      size_t line = text.size();
      while (line > 0 && (text[line - 1] == ' ' || text[line - 1] == '\t')) --line;
      if (line > 0 ? text[line - 1] == '\n' : line_begins) text.resize(line);
    }
    parts.push_back({'t', text});
    if (kind != '#') parts.push_back({kind, std::string(inside)});
    source.remove_prefix(close + 2);
  }
  return parts;
}

class BlockParser {
 public:
  BlockParser(std::string_view source, const std::string& what) : what_(what), parts_(cut(source, what)) {}

  Block whole() {
    std::string end;
    Block block = until(end);
    if (!end.empty()) fail("[chat_template] {}: \"{}\" without its beginning", what_, shown(end));
    return block;
  }

 private:
  /// Reads statements up to one that only ends or divides a block; `end` is its text, empty at the end of the template.
  Block until(std::string& end) {
    if (++depth_ > kDeepest) fail("[chat_template] {}: blocks are nested too deeply", what_);
    Block block;
    for (end.clear(); at_ < parts_.size();) {
      const Part part = parts_[at_++];
      if (part.kind == 't') {
        if (!part.text.empty()) block.push_back({Statement::What::text, part.text, "", {}, {}});
        continue;
      }
      ExpressionParser parser(part.text, what_);
      if (part.kind == '{') {
        block.push_back({Statement::What::output, "", "", {}, {}});
        block.back().expressions.push_back(parser.expression());
        parser.end();
        continue;
      }
      for (const char* last : {"endif", "endfor", "else", "elif"})
        if (parser.at(last)) end = part.text;
      if (!end.empty()) break;
      if (parser.take("generation") ||
          parser.take("endgeneration")) {  // marks what the assistant says, and puts out nothing
        parser.end();
        continue;
      }
      if (parser.take("set"))
        block.push_back(set(parser));
      else if (parser.take("for"))
        block.push_back(loop(parser));
      else if (parser.take("if"))
        block.push_back(branch(parser));
      else
        parser.refuse("is a statement");
    }
    --depth_;
    return block;
  }

  Statement set(ExpressionParser& parser) {
    Statement statement{Statement::What::set, parser.name(), "", {}, {}};
    if (parser.take(".")) statement.member = parser.name();
    parser.expect("=");
    statement.expressions.push_back(parser.expression());
    parser.end();
    return statement;
  }
  Statement loop(ExpressionParser& parser) {
    Statement statement{Statement::What::for_each, parser.name(), "", {}, {}};
    parser.expect("in");
    statement.expressions.push_back(parser.expression());
    parser.end();
    std::string end;
    statement.blocks.push_back(until(end));
    ExpressionParser closing(end, what_);
    closing.expect("endfor");
    closing.end();
    return statement;
  }
  Statement branch(ExpressionParser& parser) {
    Statement statement{Statement::What::branch, "", "", {}, {}};
    statement.expressions.push_back(parser.expression());
    parser.end();
    for (bool has_else = false;;) {
      std::string end;
      statement.blocks.push_back(until(end));
      ExpressionParser next(end, what_);
      if (!has_else && next.take("elif")) {
        statement.expressions.push_back(next.expression());
      } else if (!has_else && next.take("else")) {
        has_else = true;
      } else {
        next.expect("endif");
        next.end();
        return statement;
      }
      next.end();
    }
  }

  const std::string& what_;
  std::vector<Part> parts_;
  size_t at_ = 0, depth_ = 0;
};

}  // namespace

Block parse(std::string_view source, const std::string& what) { return BlockParser(source, what).whole(); }

}  // namespace fairfight::jinja
