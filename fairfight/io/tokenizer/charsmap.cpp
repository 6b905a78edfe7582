#include "fairfight/base/error.h"
#include "fairfight/io/tokenizer/normalizers.h"
#include "fairfight/io/tokenizer/unicode.h"

namespace fairfight {
namespace {

std::string from_base64(std::string_view text, const std::string& where) {
  std::string bytes;
  uint32_t bits = 0;
  int have = 0;
  while (text.ends_with('=')) text.remove_suffix(1);
  for (char c : text) {
    const size_t value = std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/").find(c);
    if (value == std::string_view::npos) fail("[tokenizer] {}: precompiled_charsmap is no base64", where);
    bits = bits << 6 | uint32_t(value);
    have += 6;
    if (have < 8) continue;
    have -= 8;
    bytes += char(bits >> have & 0xff);
  }
  return bytes;
}

/// A double-array trie (as the library Darts packs it) from what is to be replaced to a place in a list of C strings.
class Charsmap {
 public:
  Charsmap(const std::string& bytes, const std::string& where) {
    const auto word = [&](size_t at) {
      uint32_t value = 0;
      for (size_t i = 4; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
      return value;
    };
    const size_t size = bytes.size() < 4 ? 0 : word(0);
    if (bytes.size() < 8 || size % 4 != 0 || size == 0 || size > bytes.size() - 4)
      fail("[tokenizer] {}: precompiled_charsmap has {} bytes and claims a trie of {}", where, bytes.size(), size);
    for (size_t at = 4; at < 4 + size; at += 4) units_.push_back(word(at));
    replacements_ = bytes.substr(4 + size);
    if (!unicode::is_utf8(replacements_))
      fail("[tokenizer] {}: the replacements in precompiled_charsmap are no UTF-8", where);
  }

  /// What replaces a text that begins so: the shortest beginning that the trie has decides. Null: nothing does.
  const char* find(std::string_view text) const {
    size_t at = offset(units_[0]);
    for (char c : text) {
      if (c == 0) break;
      const auto letter = static_cast<unsigned char>(c);
      at ^= letter;
      if (at >= units_.size() || (units_[at] & 0x800000ffu) != letter) return nullptr;
      const bool leaf = (units_[at] >> 8 & 1) != 0;
      at ^= offset(units_[at]);
      if (!leaf) continue;
      const size_t place = at < units_.size() ? units_[at] & 0x7fffffffu : replacements_.size();
      const bool inside = place < replacements_.size() && (replacements_[place] & 0xc0) != 0x80;
      return inside ? replacements_.c_str() + place : "";
    }
    return nullptr;
  }

 private:
  static size_t offset(uint32_t unit) { return size_t(unit >> 10) << ((unit & 0x200u) >> 6); }

  std::vector<uint32_t> units_;
  std::string replacements_;
};

}  // namespace

Normalizer read_charsmap(const std::string& base64, const std::string& where) {
  const auto map = std::make_shared<Charsmap>(from_base64(base64, where), where);
  return [map](Text& text) {
    Text result;
    const auto put = [&](std::string_view part, size_t from) {
      const char* replacement = map->find(part);
      if (replacement)
        result.text += replacement;
      else if (unicode::length(part) != part.size())
        return false;  // no single character
      else
        result.text += part;
      if (from < text.head) result.head = result.text.size();
      return true;
    };
    size_t begin = 0;
    for (size_t end : unicode::grapheme_ends(text.text)) {
      const std::string_view grapheme = std::string_view(text.text).substr(begin, end - begin);
      if (grapheme.size() >= 6 || !put(grapheme, begin))
        for (size_t at = begin; at < end;) {
          const size_t from = at;
          unicode::next(text.text, at);
          put(std::string_view(text.text).substr(from, at - from), from);
        }
      begin = end;
    }
    text = std::move(result);
  };
}

}  // namespace fairfight
