#include "fairfight/io/tokenizer/decoders.h"

#include <charconv>

#include "fairfight/base/error.h"
#include "fairfight/io/shown.h"
#include "fairfight/io/tokenizer/pre_tokenizers.h"
#include "fairfight/io/tokenizer/unicode.h"

namespace fairfight {
namespace {

void byte_level(std::vector<std::string>& pieces) {
  std::string bytes;
  for (const auto& piece : pieces) {
    const size_t before = bytes.size();
    for (size_t at = 0; at < piece.size();) {
      const int byte = byte_of(unicode::next(piece, at));
      if (byte < 0) {  // not of this alphabet, an added token: as it stands
        bytes.resize(before);
        bytes += piece;
        break;
      }
      bytes += char(byte);
    }
  }
  pieces = {unicode::with_replacements(bytes)};
}

/// The byte of a piece like <0x0A>, or -1.
int fallback_byte(std::string_view piece) {
  if (piece.size() != 6 || !piece.starts_with("<0x") || piece.back() != '>') return -1;
  const bool plus = piece[3] == '+';  // the reference takes "+A" for a number, too
  const char *first = piece.data() + 3 + plus, *last = piece.data() + 5;
  int value = 0;
  const auto [end, error] = std::from_chars(first, last, value, 16);
  return error == std::errc() && end == last && value >= 0 && *first != '-' ? value : -1;
}

void byte_fallback(std::vector<std::string>& pieces) {
  std::vector<std::string> result;
  std::string bytes;
  const auto flush = [&] {
    if (bytes.empty()) return;
    if (unicode::is_utf8(bytes))
      result.push_back(bytes);
    else
      result.insert(result.end(), bytes.size(), "\ufffd");
    bytes.clear();
  };
  for (auto& piece : pieces) {
    const int byte = fallback_byte(piece);
    if (byte >= 0) {
      bytes += char(byte);
    } else {
      flush();
      result.push_back(std::move(piece));
    }
  }
  flush();
  pieces = std::move(result);
}

void fuse(std::vector<std::string>& pieces) {
  std::string all;
  for (const auto& piece : pieces) all += piece;
  pieces = {std::move(all)};
}

/// At most `start` times `content` from the beginning of each piece, and `stop` times from its end.
Decoder strip(const std::string& content, int64_t start, int64_t stop) {
  return [=](std::vector<std::string>& pieces) {
    for (auto& piece : pieces) {
      std::string_view rest = piece;
      for (int64_t i = 0; i < start && rest.starts_with(content); ++i) rest.remove_prefix(content.size());
      for (int64_t i = 0; i < stop && rest.ends_with(content); ++i) rest.remove_suffix(content.size());
      piece = std::string(rest);
    }
  };
}

Decoder replace_with(const Matcher& matcher, const std::string& content) {
  return [=](std::vector<std::string>& pieces) {
    for (auto& piece : pieces) {
      Text text{std::move(piece), 0};
      replace(text, matcher, content);
      piece = std::move(text.text);
    }
  };
}

Decoder metaspace_decoder(const Metaspace& m) {
  return [m](std::vector<std::string>& pieces) {
    bool first = true;
    for (auto& piece : pieces) {
      std::string text;
      for (size_t at = 0; at < piece.size();) {
        const size_t from = at;
        unicode::next(piece, at);
        const std::string_view letter = std::string_view(piece).substr(from, at - from);
        if (letter != m.replacement)
          text += letter;
        else if (!first || m.scheme == "never")
          text += ' ';
      }
      piece = std::move(text);
      first = false;
    }
  };
}

}  // namespace

Decoder read_decoder(const Json& json, const std::string& where) {
  Fields fields(json, where + ": decoder");
  const std::string type = fields.text("type");
  const auto whole = [&](Decoder decoder) {
    fields.finish();
    return decoder;
  };
  if (type == "Sequence")
    return whole([parts = read_list(fields, "decoders", read_decoder)](std::vector<std::string>& pieces) {
      for (const auto& part : parts) part(pieces);
    });
  if (type == "ByteLevel") {
    bool add_prefix_space = false, use_regex = false;  // of the pre-tokenizer of this name
    read_byte_level(fields, add_prefix_space, use_regex);
    return whole(byte_level);
  }
  if (type == "ByteFallback") return whole(byte_fallback);
  if (type == "Fuse") return whole(fuse);
  if (type == "Strip") {
    const std::string content = fields.text("content");
    if (content.empty() || unicode::length(content) != content.size())
      fail("[tokenizer] {}: the content \"{}\" is no single character", fields.where(), shown(content));
    const int64_t start = fields.integer("start", 0, 1 << 20), stop = fields.integer("stop", 0, 1 << 20);
    return whole(strip(content, start, stop));
  }
  if (type == "Replace") {
    const Matcher matcher = read_pattern(fields.any("pattern"), fields.where() + ": pattern");
    return whole(replace_with(matcher, fields.text("content")));
  }
  if (type == "Metaspace") return whole(metaspace_decoder(read_metaspace(fields)));
  fail(
      "[tokenizer] {}: the type {} is not implemented; fairfight knows Sequence, ByteLevel, ByteFallback, Fuse, Strip, "
      "Replace "
      "and Metaspace",
      fields.where(), shown(type));
}

}  // namespace fairfight
