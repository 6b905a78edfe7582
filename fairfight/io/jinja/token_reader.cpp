#include "fairfight/io/jinja/token_reader.h"

#include <algorithm>

#include "fairfight/base/error.h"
#include "fairfight/io/shown.h"

namespace fairfight::jinja {

void TokenReader::wrong(std::string_view why) const {
  std::string where;
  for (size_t i = at_ < 4 ? 0 : at_ - 4; i < std::min(at_ + 3, tokens_.size()); ++i)
    where += (where.empty() ? "" : " ") + tokens_[i].text;
  fail("[chat_template] {}: \"{}\": {}", what_, shown(where), why);
}

void TokenReader::refuse(std::string_view what) const { wrong(fmt::format("{}; fairfight does not implement this", what)); }

void TokenReader::expect(std::string_view sign) {
  if (!take(sign)) wrong(fmt::format("got \"{}\", expected \"{}\"", shown(now().text), sign));
}

void TokenReader::expect_name(std::string_view name) {
  if (!take_name(name)) wrong(fmt::format("got \"{}\", expected \"{}\"", shown(now().text), name));
}

void TokenReader::expect_end(TokenKind end) {
  if (!at(end)) wrong(fmt::format("got \"{}\" after its end", shown(now().text)));
  advance();
}

std::string TokenReader::name() {
  if (!at(TokenKind::name)) wrong(fmt::format("got \"{}\", expected a name", shown(now().text)));
  std::string name = now().text;
  advance();
  return name;
}

std::string TokenReader::dotted_name() {
  std::string all = name();
  while (take(".")) all += "." + name();
  return all;
}

}  // namespace fairfight::jinja
