#include "fairfight/io/tokenizer/pre_tokenizers.h"

#include "fairfight/base/error.h"
#include "fairfight/io/shown.h"
#include "fairfight/io/tokenizer/unicode.h"

namespace fairfight {
namespace {

constexpr std::string_view kGpt2 = R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

/// Runs of word characters, and runs of what is neither word nor space.
void words_and_signs(std::string_view text, const std::function<void(size_t, size_t)>& visit) {
  enum Kind { space,
              word,
              sign } running = space;
  size_t begin = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t from = at;
    const char32_t c = unicode::next(text, at);
    const Kind kind = unicode::is_word(c) ? word : unicode::is_white_space(c) ? space
                                                                              : sign;
    if (kind == running) continue;
    if (running != space) visit(begin, from);
    running = kind;
    begin = from;
  }
  if (running != space) visit(begin, text.size());
}

PreTokenizer byte_level(bool add_prefix_space, bool use_regex, const std::string& where) {
  const auto regex = std::make_shared<Regex>(kGpt2, where);
  return [add_prefix_space, use_regex, regex](Pieces& pieces) {
    if (add_prefix_space)
      rewrite(pieces, [](Text& text) {
        if (!text.text.starts_with(' ')) prepend(text, " ");
      });
    if (use_regex)
      split(
          pieces, [&](std::string_view text, const auto& visit) { regex->matches(text, visit); }, Behavior::isolated);
    rewrite(pieces, map_bytes);
  };
}

PreTokenizer metaspace_splitter(const Metaspace& m) {
  const auto find = [](const std::string& wanted) {
    return [wanted](std::string_view text, const std::function<void(size_t, size_t)>& visit) {
      for (size_t at = text.find(wanted); at != text.npos; at = text.find(wanted, at + wanted.size()))
        visit(at, at + wanted.size());
    };
  };
  return [m, spaces = find(" "), marks = find(m.replacement)](Pieces& pieces) {
    rewrite(pieces, [&](Text& text) {
      replace(text, spaces, m.replacement);
      const bool wanted = m.scheme == "always" || (m.scheme == "first" && text.head > 0);
      if (wanted && !text.text.starts_with(m.replacement)) prepend(text, m.replacement);
    });
    if (m.split) split(pieces, marks, Behavior::merged_with_next);
  };
}

}  // namespace

Metaspace read_metaspace(Fields& fields) {
  Metaspace m;
  m.replacement = fields.text("replacement");
  if (m.replacement.empty() || unicode::length(m.replacement) != m.replacement.size())
    fail("[tokenizer] {}: the replacement \"{}\" is no single character", fields.where(), shown(m.replacement));
  m.scheme = fields.has("prepend_scheme") ? fields.one_of("prepend_scheme", {"always", "first", "never"}) : "always";
  if (fields.has("add_prefix_space") && !fields.any("add_prefix_space").is_null() && !fields.flag("add_prefix_space") &&
      m.scheme != "never")
    fail("[tokenizer] {}: add_prefix_space is false, and prepend_scheme is {}", fields.where(), m.scheme);
  m.split = fields.has("split") && !fields.any("split").is_null() ? fields.flag("split") : true;
  fields.ignore("str_rep");
  return m;
}

void read_byte_level(Fields& fields, bool& add_prefix_space, bool& use_regex) {
  add_prefix_space = fields.flag_or("add_prefix_space", true);
  use_regex = fields.flag_or("use_regex", true);
  fields.flag_or("trim_offsets", true);  // fairfight reports no offsets
}

PreTokenizer read_pre_tokenizer(const Json& json, const std::string& where) {
  Fields fields(json, where + ": pre_tokenizer");
  const std::string type = fields.text("type");
  const auto whole = [&](PreTokenizer pre_tokenizer) {
    fields.finish();
    return pre_tokenizer;
  };
  const auto cut = [](Matcher matcher, Behavior behavior, bool invert = false) {
    return [=](Pieces& pieces) { split(pieces, matcher, behavior, invert); };
  };
  const Matcher space = each_character_that(unicode::is_white_space), mark = each_character_that(unicode::is_punctuation);
  if (type == "Sequence")
    return whole([parts = read_list(fields, "pretokenizers", read_pre_tokenizer)](Pieces& pieces) {
      for (const auto& part : parts) part(pieces);
    });
  if (type == "ByteLevel") {
    bool add_prefix_space = false, use_regex = false;
    read_byte_level(fields, add_prefix_space, use_regex);
    return whole(byte_level(add_prefix_space, use_regex, fields.where()));
  }
  if (type == "Split") {
    const Matcher matcher = read_pattern(fields.any("pattern"), fields.where() + ": pattern");
    const Behavior behavior = read_behavior(fields, "behavior");
    return whole(cut(matcher, behavior, fields.flag("invert")));
  }
  if (type == "Metaspace") return whole(metaspace_splitter(read_metaspace(fields)));
  if (type == "Whitespace") return whole(cut(words_and_signs, Behavior::removed, true));
  if (type == "WhitespaceSplit") return whole(cut(space, Behavior::removed));
  if (type == "Digits") {
    const Behavior behavior = fields.flag("individual_digits") ? Behavior::isolated : Behavior::contiguous;
    return whole(cut(each_character_that(unicode::is_numeric), behavior));
  }
  if (type == "Punctuation")
    return whole(cut(mark, fields.has("behavior") ? read_behavior(fields, "behavior") : Behavior::isolated));
  if (type == "BertPreTokenizer")
    return whole([space, mark](Pieces& pieces) {
      split(pieces, space, Behavior::removed);
      split(pieces, mark, Behavior::isolated);
    });
  fail(
      "[tokenizer] {}: the type {} is not implemented; fairfight knows Sequence, ByteLevel, Split, Metaspace, Whitespace, "
      "WhitespaceSplit, Digits, Punctuation and BertPreTokenizer",
      fields.where(), shown(type));
}

}  // namespace fairfight
