#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace fairfight::jinja {

enum class TokenKind { data,
                       block_begin,
                       block_end,
                       variable_begin,
                       variable_end,
                       name,
                       text,
                       integer,
                       real,
                       sign,
                       end };

struct Token {
  TokenKind kind = TokenKind::end;
  std::string text;  // of data and texts what they mean, of the others how they are written
};

/// Cuts a template as jinja2's lexer does with trim_blocks and lstrip_blocks, white space removed. Errors name the template.
std::vector<Token> tokens_of(std::string_view source, const std::string& what);

}  // namespace fairfight::jinja
