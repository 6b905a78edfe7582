#include "fairfight/io/tokenizer.h"

#include <algorithm>

#include "fairfight/base/error.h"
#include "fairfight/io/shown.h"

namespace fairfight {
namespace {

constexpr size_t kMaxWords = 1 << 24, kMaxSpecials = 1024;

/// The bytes of the white space at the start of `text` (Unicode's White_Space, as `tokenizers` has it), 0 if there is none.
size_t white_space(std::string_view text) {
  const auto byte = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0; };
  if ((byte(0) >= 0x09 && byte(0) <= 0x0d) || byte(0) == 0x20) return 1;
  if (byte(0) == 0xc2 && (byte(1) == 0x85 || byte(1) == 0xa0)) return 2;  // U+0085, U+00A0
  const unsigned code = byte(0) << 16 | byte(1) << 8 | byte(2);
  if (code >= 0xe28080 && code <= 0xe2808a) return 3;  // U+2000 .. U+200A
  for (unsigned space :
       {0xe19a80u, 0xe280a8u, 0xe280a9u, 0xe280afu, 0xe2819fu, 0xe38080u})  // U+1680, 2028, 2029, 202F, 205F, 3000
    if (code == space) return 3;
  return 0;
}

void require_null(Fields& fields, const std::string& key) {
  if (fields.has(key) && !fields.any(key).is_null())
    fail("[tokenizer] {}: has a {}, which fairfight does not implement; expected null", fields.where(), key);
}

void require_type(Fields fields, const std::string& expected) {
  const std::string type = fields.text("type");
  if (type != expected)
    fail("[tokenizer] {}: type {} is not implemented, only {} is", fields.where(), shown(type), expected);
}

}  // namespace

Tokenizer::Tokenizer(const std::filesystem::path& path) : Tokenizer(read_json(path), path.string()) {}

Tokenizer::Tokenizer(const Json& json, std::string_view what) : what_(what) {
  Fields fields(json, what_);
  fields.one_of("version", {"1.0"});
  for (const auto* part : {"truncation", "padding", "normalizer", "post_processor", "decoder"}) require_null(fields, part);
  require_type(fields.object("model"), "WordLevel");
  require_type(fields.object("pre_tokenizer"), "WhitespaceSplit");
  Fields splitter = fields.object("pre_tokenizer");
  splitter.ignore("type");
  splitter.finish();
  Fields model = fields.object("model");
  model.ignore("type");
  unknown_ = model.text("unk_token");
  read_vocabulary(model.any("vocab"));
  model.finish();
  const Json& added = fields.any("added_tokens");
  if (!added.is_array()) fail("[tokenizer] {}: added_tokens is no list", what_);
  for (const Json& token : added) read_special(Fields(token, fmt::format("{}: added_tokens", what_)));
  fields.finish();
  require_whole_words();
}

void Tokenizer::read_vocabulary(const Json& vocabulary) {
  if (!vocabulary.is_object() || vocabulary.empty() || vocabulary.size() > kMaxWords)
    fail("[tokenizer] {}: vocab is no object of 1 to {} words", what_, kMaxWords);
  words_.resize(vocabulary.size());
  std::vector<bool> seen(vocabulary.size());
  for (const auto& [word, value] : vocabulary.items()) {
    if (!value.is_number_unsigned() || value.get<uint64_t>() >= words_.size())
      fail("[tokenizer] {}: word \"{}\": its id is no integer from 0 to {}", what_, shown(word), words_.size() - 1);
    const auto id = value.get<int32_t>();
    if (seen[size_t(id)])
      fail("[tokenizer] {}: words \"{}\" and \"{}\" have the same id {}", what_, shown(words_[size_t(id)]), shown(word), id);
    seen[size_t(id)] = true;
    words_[size_t(id)] = word;
    ids_[word] = id;
  }
}

void Tokenizer::read_special(Fields token) {
  const std::string content = token.text("content");
  const auto id = int32_t(token.integer("id", 0, int64_t(kMaxWords)));
  if (find(content) != id)
    fail("[tokenizer] {}: added token \"{}\" has id {}, which the vocabulary does not give it", what_, shown(content), id);
  for (const auto* option : {"single_word", "lstrip", "rstrip", "normalized"})
    if (token.flag(option)) fail("[tokenizer] {}: added token \"{}\": {} is not implemented", what_, shown(content), option);
  if (!token.flag("special"))
    fail("[tokenizer] {}: added token \"{}\" is not special; this is not implemented", what_, shown(content));
  token.finish();
  add_special(id);
}

void Tokenizer::add_special(int32_t id) {
  if (word(id).empty()) fail("[tokenizer] {}: an added token is empty", what_);
  if (specials_.size() == kMaxSpecials) fail("[tokenizer] {}: more than {} added tokens", what_, kMaxSpecials);
  const auto place = std::lower_bound(specials_.begin(), specials_.end(), id);
  if (place != specials_.end() && *place == id)
    fail("[tokenizer] {}: added token \"{}\" stands twice", what_, shown(word(id)));
  specials_.insert(place, id);
  special_starts_.set(static_cast<unsigned char>(word(id).front()));
}

Tokenizer Tokenizer::from_words(const std::vector<std::string>& words, const std::vector<std::string>& specials) {
  Tokenizer tokenizer;
  for (const auto& word : words) {
    if (!tokenizer.ids_.emplace(word, int32_t(tokenizer.words_.size())).second)
      fail("[tokenizer] vocabulary: the word \"{}\" stands twice", shown(word));
    tokenizer.words_.push_back(word);
  }
  for (const auto& special : specials) tokenizer.add_special(tokenizer.id(special));
  tokenizer.require_whole_words();
  return tokenizer;
}

void Tokenizer::require_whole_words() const {
  for (const auto& word : words_) {
    bool whole = split(word) == std::vector<std::string_view>{word};
    for (size_t at = 0; at < word.size(); ++at) whole = whole && white_space(std::string_view(word).substr(at)) == 0;
    if (!whole)
      fail("[tokenizer] {}: the word \"{}\" is empty, or a space or a special token splits it", what_, shown(word));
  }
}

/// The length of the longest special token at the start of `text`, 0 if there is none.
size_t Tokenizer::special_at(std::string_view text) const {
  size_t longest = 0;
  if (!special_starts_[static_cast<unsigned char>(text.front())]) return longest;
  for (int32_t id : specials_)
    if (text.starts_with(word(id))) longest = std::max(longest, word(id).size());
  return longest;
}

/// Words and special tokens, in order.
std::vector<std::string_view> Tokenizer::split(std::string_view text) const {
  std::vector<std::string_view> pieces;
  size_t start = 0, at = 0;  // of the running word, and where we are
  const auto end_word = [&] {
    if (at > start) pieces.push_back(text.substr(start, at - start));
  };
  while (at < text.size()) {
    const size_t special = special_at(text.substr(at));
    const size_t space = special ? 0 : white_space(text.substr(at));
    if (special || space) {
      end_word();
      if (special) pieces.push_back(text.substr(at, special));
      start = at + special + space;
    }
    at += std::max<size_t>(special + space, 1);
  }
  end_word();
  return pieces;
}

std::vector<int32_t> Tokenizer::encode(std::string_view text) const {
  std::vector<int32_t> ids;
  for (auto piece : split(text)) ids.push_back(known_or_unknown(piece));
  return ids;
}

int32_t Tokenizer::known_or_unknown(std::string_view word) const {
  if (const auto known = find(word)) return *known;
  if (const auto unknown = find(unknown_)) return *unknown;
  fail("[tokenizer] {}: the word \"{}\" is not in the vocabulary, and there is no {}", what_, shown(word), shown(unknown_));
}

std::string Tokenizer::decode(std::span<const int32_t> ids) const {
  std::string text;
  for (int32_t id : ids) {
    if (!text.empty()) text += ' ';
    text += word(id);
  }
  return text;
}

std::optional<int32_t> Tokenizer::find(std::string_view word) const {
  const auto found = ids_.find(std::string(word));
  if (found == ids_.end()) return std::nullopt;
  return found->second;
}

int32_t Tokenizer::id(std::string_view word) const {
  if (const auto known = find(word)) return *known;
  fail("[tokenizer] {}: the word \"{}\" is not in the vocabulary", what_, shown(word));
}

const std::string& Tokenizer::word(int32_t id) const {
  if (id < 0 || size_t(id) >= words_.size())
    fail("[tokenizer] {}: got the id {}, expected 0 to {}", what_, id, int64_t(words_.size()) - 1);
  return words_[size_t(id)];
}

Json Tokenizer::to_json() const {
  Json added = Json::array();
  for (int32_t id : specials_)
    added.push_back({{"id", id},
                     {"content", word(id)},
                     {"single_word", false},
                     {"lstrip", false},
                     {"rstrip", false},
                     {"normalized", false},
                     {"special", true}});
  Json::object_t vocabulary;
  for (size_t id = 0; id < words_.size(); ++id) vocabulary.emplace_back(words_[id], id);
  return {{"version", "1.0"},
          {"truncation", nullptr},
          {"padding", nullptr},
          {"added_tokens", added},
          {"normalizer", nullptr},
          {"pre_tokenizer", {{"type", "WhitespaceSplit"}}},
          {"post_processor", nullptr},
          {"decoder", nullptr},
          {"model", {{"type", "WordLevel"}, {"vocab", vocabulary}, {"unk_token", unknown_}}}};
}

}  // namespace fairfight
