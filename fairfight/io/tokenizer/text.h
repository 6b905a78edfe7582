#pragma once
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fairfight/base/error.h"
#include "fairfight/io/tokenizer/regex.h"

namespace fairfight {

/// A text on its way through the normalizers. `head` counts its first bytes that come from the very start of the user's
/// text: a Metaspace with the scheme "first" asks for it.
struct Text {
  std::string text;
  size_t head = 0;
};

/// A stretch of Pieces::text; or an added token, that is, an id.
struct Piece {
  size_t begin = 0, end = 0, head = 0;
  int32_t id = -1;
};

/// What the pre-tokenizers cut a text into.
struct Pieces {
  std::string text;
  std::vector<Piece> pieces;

  std::string_view of(const Piece& piece) const {
    return std::string_view(text).substr(piece.begin, piece.end - piece.begin);
  }
  void append(const Text& more) {
    if (more.text.empty()) return;
    pieces.push_back({text.size(), text.size() + more.text.size(), more.head, -1});
    text += more.text;
  }
};

/// What becomes of a match when a piece is cut at it.
enum class Behavior { removed,
                      isolated,
                      merged_with_previous,
                      merged_with_next,
                      contiguous };
Behavior read_behavior(Fields& fields, const std::string& key);

void split(Pieces& pieces, const Matcher& matcher, Behavior behavior, bool invert = false);
/// Calls `change(Text&)` for each piece that is no added token.
void rewrite(Pieces& pieces, const std::function<void(Text&)>& change);

/// Replaces every match in `text`; letters that are put in count as part of the head if what they replace does.
void replace(Text& text, const Matcher& matcher, std::string_view content);
void prepend(Text& text, std::string_view what);
void map_bytes(Text& text);  // each byte becomes the letter that byte-level vocabularies write for it
/// The byte that such a letter stands for, or -1.
int byte_of(char32_t letter);

/// Reads a part of a tokenizer.json that is made of parts: its list `key`, at most 64 of them.
template <class Read>
auto read_list(Fields& fields, const std::string& key, Read read) {
  const Json& list = fields.any(key);
  if (!list.is_array() || list.size() > 64)
    fail("[tokenizer] {}: \"{}\" is no list of at most 64 parts", fields.where(), key);
  std::vector<decltype(read(list, std::string()))> parts;
  for (const Json& part : list) parts.push_back(read(part, fields.where()));
  return parts;
}

}  // namespace fairfight
