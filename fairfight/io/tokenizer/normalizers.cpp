#include "fairfight/io/tokenizer/normalizers.h"

#include "fairfight/base/error.h"
#include "fairfight/io/shown.h"
#include "fairfight/io/tokenizer/unicode.h"

namespace fairfight {
namespace {

/// Each character becomes what `put(result, character)` appends for it.
template <class Put>
Normalizer by_character(Put put) {
  return [put](Text& text) {
    Text result;
    result.text.reserve(text.text.size());
    for (size_t at = 0; at < text.text.size();) {
      const bool in_head = at < text.head;
      put(result.text, unicode::next(text.text, at));
      if (in_head) result.head = result.text.size();
    }
    text = std::move(result);
  };
}

Normalizer normal_form(unicode::Form form) {
  return [form](Text& text) {
    if (text.text.empty()) return;
    size_t first = 0;
    unicode::next(text.text, first);
    const size_t head = text.head > 0 ? unicode::normalized(std::string_view(text.text).substr(0, first), form).size() : 0;
    text.text = unicode::normalized(text.text, form);
    text.head = std::min(head, text.text.size());
  };
}

Normalizer strip(bool left, bool right) {
  return [left, right](Text& text) {
    size_t begin = text.text.size(), end = 0;  // of what is no space
    for (size_t at = 0; at < text.text.size();) {
      const size_t from = at;
      if (unicode::is_white_space(unicode::next(text.text, at))) continue;
      begin = std::min(begin, from);
      end = at;
    }
    if (!left) begin = 0;
    if (!right) end = text.text.size();
    text.text = begin < end ? text.text.substr(begin, end - begin) : "";
    text.head -= std::min(text.head, begin);
  };
}

/// The control characters and odd spaces of SentencePiece's "nmt" rules.
void put_nmt(std::string& text, char32_t c) {
  if ((c >= 1 && c <= 8) || c == 0xb || (c >= 0xe && c <= 0x1f) || c == 0x7f || c == 0x8f || c == 0x9f) return;
  const bool space = c == 9 || c == 10 || c == 12 || c == 13 || c == 0x1680 || (c >= 0x200b && c <= 0x200f) || c == 0x2028 ||
                     c == 0x2029 || c == 0x2581 || c == 0xfeff || c == 0xfffd;
  unicode::append(text, space ? U' ' : c);
}

}  // namespace

Normalizer read_normalizer(const Json& json, const std::string& where) {
  Fields fields(json, where + ": normalizer");
  const std::string type = fields.text("type");
  const auto whole = [&](Normalizer normalizer) {
    fields.finish();
    return normalizer;
  };
  if (type == "Sequence")
    return whole([parts = read_list(fields, "normalizers", read_normalizer)](Text& text) {
      for (const auto& part : parts) part(text);
    });
  if (type == "NFC") return whole(normal_form(unicode::Form::nfc));
  if (type == "NFD") return whole(normal_form(unicode::Form::nfd));
  if (type == "NFKC") return whole(normal_form(unicode::Form::nfkc));
  if (type == "NFKD") return whole(normal_form(unicode::Form::nfkd));
  if (type == "Lowercase") return whole(by_character(unicode::append_lowercase));
  if (type == "Prepend") return whole([what = fields.text("prepend")](Text& text) { prepend(text, what); });
  if (type == "Replace") {
    const Matcher matcher = read_pattern(fields.any("pattern"), fields.where() + ": pattern");
    return whole([matcher, content = fields.text("content")](Text& text) { replace(text, matcher, content); });
  }
  if (type == "Strip") {
    const bool left = fields.flag("strip_left"), right = fields.flag("strip_right");
    return whole(strip(left, right));
  }
  if (type == "StripAccents")
    return whole(by_character([](std::string& text, char32_t c) {
      if (!unicode::is_combining_mark(c)) unicode::append(text, c);
    }));
  if (type == "Nmt") return whole(by_character(put_nmt));
  if (type == "Precompiled") return whole(read_charsmap(fields.text("precompiled_charsmap"), fields.where()));
  if (type == "ByteLevel") return whole(map_bytes);
  fail(
      "[tokenizer] {}: the type {} is not implemented; fairfight knows Sequence, NFC, NFD, NFKC, NFKD, Lowercase, Prepend, "
      "Replace, Strip, StripAccents, Nmt, Precompiled and ByteLevel",
      fields.where(), shown(type));
}

}  // namespace fairfight
