#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "fairfight/io/jinja/lexer.h"

namespace fairfight::jinja {

/// Goes through a template's tokens. What it refuses it shows with the tokens around it.
class TokenReader {
 protected:
  TokenReader(std::string_view source, const std::string& what) : what_(what), tokens_(tokens_of(source, what)) {}

  [[noreturn]] void wrong(std::string_view why) const;
  [[noreturn]] void refuse(std::string_view what) const;  // jinja2 has it, fairfight has not

  const Token& now() const { return tokens_[at_]; }
  const Token& behind() const { return tokens_[at_ + 1 < tokens_.size() ? at_ + 1 : at_]; }
  bool at(TokenKind kind) const { return now().kind == kind; }
  bool at(std::string_view sign) const { return at(TokenKind::sign) && now().text == sign; }
  bool at_name(std::string_view name) const { return at(TokenKind::name) && now().text == name; }
  void advance() { at_ += at_ + 1 < tokens_.size(); }
  bool take(std::string_view sign) { return at(sign) && (advance(), true); }
  bool take_name(std::string_view name) { return at_name(name) && (advance(), true); }
  void expect(std::string_view sign);
  void expect_name(std::string_view name);
  void expect_end(TokenKind end);
  std::string name();
  std::string dotted_name();

 private:
  const std::string& what_;
  const std::vector<Token> tokens_;
  size_t at_ = 0;
};

}  // namespace fairfight::jinja
