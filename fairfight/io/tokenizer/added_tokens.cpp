#include "fairfight/io/tokenizer/added_tokens.h"

#include "fairfight/base/error.h"
#include "fairfight/io/shown.h"
#include "fairfight/io/tokenizer/unicode.h"

namespace fairfight {
namespace {

constexpr size_t kMaxTokens = 65'536;

AddedToken read_token(JsonCursor& cursor, const std::string& what) {
  AddedToken token;
  std::set<std::string> seen;
  cursor.object([&](const std::string& key) {
    if (!seen.insert(key).second) fail("[tokenizer] {}: an added token has the key \"{}\" twice", what, shown(key));
    if (key == "id") {
      const uint64_t id = cursor.natural();
      if (id > INT32_MAX) fail("[tokenizer] {}: an added token has the id {}", what, id);
      token.id = int32_t(id);
    } else if (key == "content") {
      token.content = cursor.text();
    } else if (key == "single_word") {
      token.single_word = cursor.flag();
    } else if (key == "lstrip") {
      token.lstrip = cursor.flag();
    } else if (key == "rstrip") {
      token.rstrip = cursor.flag();
    } else if (key == "normalized") {
      token.normalized = cursor.flag();
    } else if (key == "special") {
      token.special = cursor.flag();
    } else {
      fail("[tokenizer] {}: an added token has an unknown key \"{}\"", what, shown(key));
    }
  });
  for (const char* key : {"id", "content", "single_word", "lstrip", "rstrip", "normalized", "special"})
    if (!seen.contains(key)) fail("[tokenizer] {}: an added token has no \"{}\"", what, key);
  if (token.content.empty()) fail("[tokenizer] {}: an added token is empty", what);
  return token;
}

bool ends_with(std::string_view text, bool (*is)(char32_t)) {
  size_t at = text.size();
  while (at > 0 && (text[--at] & 0xc0) == 0x80) {
  }
  return !text.empty() && is(unicode::next(text, at));
}

bool starts_with(std::string_view text, bool (*is)(char32_t)) {
  size_t at = 0;
  return !text.empty() && is(unicode::next(text, at));
}

size_t spaces_at_start(std::string_view text) {
  size_t at = 0;
  while (starts_with(text.substr(at), unicode::is_white_space)) unicode::next(text, at);
  return at;
}

size_t without_spaces_at_end(std::string_view text) {
  size_t end = text.size();
  while (ends_with(text.substr(0, end), unicode::is_white_space))
    while ((text[--end] & 0xc0) == 0x80) {
    }
  return end;
}

}  // namespace

AddedTokens::AddedTokens(JsonCursor& cursor, const Vocabulary& vocabulary, const Normalizer& normalizer,
                         const std::string& what) {
  size_t next = vocabulary.count();
  std::set<std::string> found;
  cursor.array([&] {
    AddedToken token = read_token(cursor, what);
    if (tokens_.size() == kMaxTokens) fail("[tokenizer] {}: more than {} added tokens", what, kMaxTokens);
    const int32_t known = vocabulary.find(token.content);
    const int32_t id = known >= 0 ? known : int32_t(next++);
    if (token.id != id)
      fail("[tokenizer] {}: the added token \"{}\" has the id {}, but {} gives it {}", what, shown(token.content), token.id,
           known >= 0 ? "the vocabulary" : "its place after the vocabulary", id);
    if (known < 0 && vocabulary.has(id))
      fail("[tokenizer] {}: the added token \"{}\" and the piece \"{}\" have the same id {}", what, shown(token.content),
           shown(vocabulary.piece(id)), id);
    Text text{token.content, 0};
    if (token.normalized && normalizer) normalizer(text);
    token.found_as = text.text;
    if (ids_.contains(token.content) || token.found_as.empty() ||
        !found.insert((token.normalized ? "n" : "r") + token.found_as).second)
      fail("[tokenizer] {}: the added token \"{}\" stands twice, or nothing of it is left when it is normalized", what,
           shown(token.content));
    ids_.emplace(token.content, id);
    if (token.special) specials_.insert(token.content);
    tokens_.emplace(id, std::move(token));
  });
  std::vector<std::string_view> contents[2];
  std::vector<int32_t> ids[2];
  for (const auto& [id, token] : tokens_) {
    contents[token.normalized].push_back(token.found_as);
    ids[token.normalized].push_back(id);
  }
  raw_ = PrefixTable(std::move(contents[0]), std::move(ids[0]));
  normalized_ = PrefixTable(std::move(contents[1]), std::move(ids[1]));
}

const AddedToken* AddedTokens::of(int32_t id) const {
  const auto found = tokens_.find(id);
  return found == tokens_.end() ? nullptr : &found->second;
}

int32_t AddedTokens::id(std::string_view content) const {
  const auto found = ids_.find(content);
  return found == ids_.end() ? -1 : found->second;
}

/// From left to right, the longest token at each place.
std::vector<AddedTokens::Found> AddedTokens::cut(std::string_view text, const PrefixTable& table) const {
  std::vector<Found> pieces;
  size_t last = 0;  // what is cut so far
  for (size_t at = 0; at < text.size() && !table.empty();) {
    size_t bytes = 0;
    int32_t id = -1;
    table.prefixes(text.substr(at), [&](size_t length, int32_t value) { bytes = length, id = value; });
    if (bytes == 0) {
      ++at;
      continue;
    }
    size_t begin = at, end = at + bytes;
    at = end;
    const AddedToken& token = tokens_.at(id);
    if (token.single_word &&
        (ends_with(text.substr(0, begin), unicode::is_word) || starts_with(text.substr(end), unicode::is_word)))
      continue;
    if (token.lstrip && begin > last) begin = last + without_spaces_at_end(text.substr(last, begin - last));
    if (token.rstrip) end += spaces_at_start(text.substr(end));
    if (last < begin) pieces.push_back({last, begin, -1});
    pieces.push_back({begin, end, id});
    last = end;
  }
  if (last != text.size()) pieces.push_back({last, text.size(), -1});
  return pieces;
}

Pieces AddedTokens::find(std::string_view text, const Normalizer& normalizer) const {
  Pieces pieces;
  pieces.text.reserve(text.size());
  for (const Found& raw : cut(text, raw_)) {
    if (raw.id >= 0) {
      pieces.pieces.push_back({0, 0, 0, raw.id});
      continue;
    }
    Text part{std::string(text.substr(raw.begin, raw.end - raw.begin)), raw.begin == 0 ? 1u : 0u};
    while (part.head > 0 && part.head < part.text.size() && (part.text[part.head] & 0xc0) == 0x80) ++part.head;
    if (normalizer) normalizer(part);
    for (const Found& found : cut(part.text, normalized_))
      if (found.id >= 0)
        pieces.pieces.push_back({0, 0, 0, found.id});
      else
        pieces.append(
            {part.text.substr(found.begin, found.end - found.begin), part.head - std::min(part.head, found.begin)});
  }
  return pieces;
}

}  // namespace fairfight
