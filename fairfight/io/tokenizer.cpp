#include "fairfight/io/tokenizer.h"

#include <mutex>
#include <unordered_map>
#include <unordered_set>

#include "fairfight/base/error.h"
#include "fairfight/base/file.h"
#include "fairfight/io/shown.h"
#include "fairfight/io/tokenizer/added_tokens.h"
#include "fairfight/io/tokenizer/decoders.h"
#include "fairfight/io/tokenizer/model.h"
#include "fairfight/io/tokenizer/post_processors.h"
#include "fairfight/io/tokenizer/pre_tokenizers.h"
#include "fairfight/io/tokenizer/unicode.h"

namespace fairfight {
namespace {

constexpr size_t kMaxPart = 2'000'000;                      // bytes of a part that is read as a tree; real ones need 0.4 MB
constexpr size_t kMaxKnown = 1 << 16, kLongestKnown = 256;  // entries of the cache, and bytes of one

Json read_part(LazyFields& fields, const std::string& key) {
  auto cursor = fields.find(key);
  if (!cursor) return nullptr;
  const std::string_view text = cursor->skip();
  if (text.size() > kMaxPart)
    fail("[tokenizer] {}: {} has {} bytes, expected at most {}", fields.what(), key, text.size(), kMaxPart);
  return parse_json(text, fmt::format("{}: {}", fields.what(), key));
}

/// A single text is cut or filled up by nobody.
void require_whole_texts(LazyFields& fields) {
  if (fields.find("truncation"))
    fail("[tokenizer] {}: cuts texts off (\"truncation\"), which fairfight does not implement; set it to null",
         fields.what());
  const Json padding = read_part(fields, "padding");
  if (padding.is_null()) return;
  Fields pad(padding, fields.what() + ": padding");
  const bool longest = pad.any("strategy") == "BatchLongest";  // does nothing to one text alone
  if (!longest || (pad.has("pad_to_multiple_of") && !pad.any("pad_to_multiple_of").is_null()))
    fail("[tokenizer] {}: fills texts up (\"padding\"), which fairfight does not implement; set it to null", fields.what());
}

}  // namespace

struct Tokenizer::Parts {
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };

  /// What has been encoded before. One call at a time uses it; another one that comes meanwhile does without.
  struct Cache {
    std::mutex mutex;
    std::unordered_map<std::string, std::vector<int32_t>, Hash, std::equal_to<>> known;
  };

  explicit Parts(LazyFields fields) : what(fields.what()) {
    if (auto version = fields.at("version"); version.text() != "1.0") fail("[tokenizer] {}: the version is not 1.0", what);
    require_whole_texts(fields);
    // What is small comes first: a file that is refused for it has not been turned into a vocabulary.
    if (const Json part = read_part(fields, "normalizer"); !part.is_null()) normalizer = read_normalizer(part, what);
    if (const Json part = read_part(fields, "pre_tokenizer"); !part.is_null())
      pre_tokenizer = read_pre_tokenizer(part, what);
    if (const Json part = read_part(fields, "decoder"); !part.is_null()) decoder = read_decoder(part, what);
    JsonCursor cursor = fields.at("model");
    model = read_token_model(cursor, what);
    JsonCursor none("[]", what), tokens = fields.find("added_tokens").value_or(none);
    added = std::make_unique<AddedTokens>(tokens, model->vocabulary(), normalizer, what);
    if (const Json part = read_part(fields, "post_processor"); !part.is_null())
      frame = read_post_processor(part, size(), what);
    fields.finish();
  }

  size_t size() const { return std::max(model->vocabulary().ids(), added->ids()); }

  void require_id(int32_t id) const {
    if (id < 0) fail("[tokenizer] {}: got the id {}, expected 0 or more", what, id);
  }

  Pieces cut(std::string_view text) const {
    Pieces pieces = added->find(text, normalizer);
    if (pre_tokenizer) pre_tokenizer(pieces);
    return pieces;
  }

  /// Bytes of a piece, as the model gets it, that its first token stands for.
  size_t length_of_first(std::string_view piece) const {
    std::vector<int32_t> ids;
    model->encode(piece, ids);
    if (ids.empty()) return 0;
    const std::string_view first = model->vocabulary().piece(ids[0]);
    if (piece.starts_with(first)) return first.size();
    if (first.size() == 6 && first.starts_with("<0x") && first.ends_with('>')) return 1;
    const auto common = size_t(std::mismatch(piece.begin(), piece.end(), first.begin(), first.end()).first - piece.begin());
    if (common > 0) return common;  // a mark of where words end or go on stands after it
    // Unknown: up to where something is known.
    const size_t known = ids.size() > 1 ? piece.find(model->vocabulary().piece(ids[1]), 1) : piece.size();
    return known == piece.npos ? std::max<size_t>(1, unicode::length(piece)) : known;
  }

  void encode(const Pieces& pieces, std::vector<int32_t>& ids) const {
    const std::unique_lock lock(cache.mutex, std::try_to_lock);
    const bool caching = lock.owns_lock() && model->worth_caching();
    for (const Piece& piece : pieces.pieces) {
      if (piece.id >= 0) {
        ids.push_back(piece.id);
        continue;
      }
      const std::string_view text = pieces.of(piece);
      if (!caching || text.size() > kLongestKnown) {
        model->encode(text, ids);
      } else if (const auto known = cache.known.find(text); known != cache.known.end()) {
        ids.insert(ids.end(), known->second.begin(), known->second.end());
      } else {
        const size_t before = ids.size();
        model->encode(text, ids);
        if (cache.known.size() < kMaxKnown)
          cache.known.emplace(text, std::vector(ids.begin() + ptrdiff_t(before), ids.end()));
      }
    }
  }

  const std::string what;
  std::unique_ptr<TokenModel> model;
  Normalizer normalizer;
  PreTokenizer pre_tokenizer;
  Decoder decoder;
  std::unique_ptr<AddedTokens> added;
  Frame frame;
  mutable Cache cache;
};

Tokenizer::Tokenizer(const std::filesystem::path& path) : Tokenizer(parse(read_file(path), path.string())) {}

Tokenizer Tokenizer::parse(std::string_view text, std::string_view what) {
  JsonCursor cursor(text, what);
  LazyFields fields(cursor, std::string(what));
  cursor.end();
  return Tokenizer(std::make_shared<const Parts>(std::move(fields)));
}

std::vector<int32_t> Tokenizer::encode(std::string_view text, bool add_special_tokens) const {
  if (!unicode::is_utf8(text)) fail("[tokenizer] the text \"{}\" is no UTF-8", shown(text));
  const Pieces pieces = parts_->cut(text);
  std::vector<int32_t> ids;
  if (add_special_tokens) ids = parts_->frame.before;
  parts_->encode(pieces, ids);
  if (add_special_tokens) ids.insert(ids.end(), parts_->frame.behind.begin(), parts_->frame.behind.end());
  for (const int32_t id : ids)
    if (id >= rows_)
      fail("[tokenizer] the text \"{}\": \"{}\" is id {}, but the model has rows for {} ids; leave it out", shown(text), shown(piece(id)), id, rows_);
  return ids;
}

std::string Tokenizer::decode(std::span<const int32_t> ids, bool skip_special_tokens) const {
  std::vector<std::string> pieces;
  for (int32_t id : ids) {
    parts_->require_id(id);
    const AddedToken* token = parts_->added->of(id);
    if (!token && !parts_->model->vocabulary().has(id)) continue;
    std::string piece = token ? token->found_as : std::string(parts_->model->vocabulary().piece(id));
    if (!skip_special_tokens || !parts_->added->is_special(piece)) pieces.push_back(std::move(piece));
  }
  if (parts_->decoder) parts_->decoder(pieces);
  std::string text;
  for (const auto& piece : pieces) {
    if (!parts_->decoder && &piece != &pieces.front()) text += ' ';
    text += piece;
  }
  return text;
}

size_t Tokenizer::bytes_of_first(std::string_view text) const {
  const Pieces all = parts_->cut(text);
  if (text.empty() || all.pieces.empty()) return 0;
  const Piece& first = all.pieces.front();
  const std::string_view seen = first.id < 0 ? std::string_view(all.text).substr(0, first.begin + parts_->length_of_first(all.of(first))) : "";
  // The shortest beginning of the text that becomes what the token stands for.
  std::vector<size_t> ends{0};
  for (size_t at = 0; at < text.size();) ends.push_back(at += unicode::length(text.substr(at)));
  const auto reached = [&](size_t end) {
    const Pieces some = parts_->cut(text.substr(0, end));
    return first.id < 0 ? some.text.starts_with(seen) : !some.pieces.empty() && some.pieces.front().id == first.id;
  };
  size_t most = 1;
  while (most < ends.size() - 1 && !reached(ends[most])) most = std::min(2 * most, ends.size() - 1);
  const auto end = std::partition_point(ends.begin() + 1, ends.begin() + ptrdiff_t(most), [&](size_t at) { return !reached(at); });
  if (first.id >= 0) {
    size_t behind = *end;
    if (parts_->added->of(first.id)->rstrip)  // it has swallowed the spaces after it
      for (size_t at = behind; at < text.size() && unicode::is_white_space(unicode::next(text, at));) behind = at;
    return behind;
  }
  // Of the last letter a part, where its bytes have tokens of their own; what stands before the first one is the tokenizer's.
  const size_t before = *std::prev(end), bytes = *end - before;
  const std::string head = before > 0 ? parts_->cut(text.substr(0, before)).text : "", whole = parts_->cut(text.substr(0, *end)).text;
  if (!whole.starts_with(head) || seen.size() < head.size()) return *end;
  const bool letters = parts_->cut("\u4e2d").text.find("\u4e2d") == std::string::npos;  // bytes are written as letters
  const auto units = [&](std::string_view part) { return letters ? unicode::count(part) : part.size(); };
  const size_t made = units(std::string_view(whole).substr(head.size())), taken = units(seen.substr(head.size()));
  if (made < bytes || (before > 0 && made != bytes)) return *end;
  return before + taken - std::min(taken, made - bytes);
}

const Frame& Tokenizer::frame() const { return parts_->frame; }

size_t Tokenizer::size() const { return parts_->size(); }

std::optional<int32_t> Tokenizer::find(std::string_view piece) const {
  int32_t id = parts_->added->id(piece);
  if (id < 0) id = parts_->model->vocabulary().find(piece);
  return id < 0 ? std::nullopt : std::optional(id);
}

int32_t Tokenizer::id(std::string_view piece) const {
  if (const auto known = find(piece)) return *known;
  fail("[tokenizer] {}: the word \"{}\" is not in the vocabulary", parts_->what, shown(piece));
}

std::string_view Tokenizer::piece(int32_t id) const {
  parts_->require_id(id);
  const AddedToken* token = parts_->added->of(id);
  return token ? std::string_view(token->content) : parts_->model->vocabulary().piece(id);
}

std::vector<std::string> Tokenizer::pieces() const {
  std::vector<std::string> all;
  for (size_t id = 0; id < size(); ++id) all.emplace_back(piece(int32_t(id)));
  return all;
}

Tokenizer Tokenizer::from_words(const std::vector<std::string>& words, const std::vector<std::string>& specials) {
  return parse(word_level_json(words, specials).dump(), "vocabulary");
}

Json word_level_json(const std::vector<std::string>& words, const std::vector<std::string>& specials) {
  Json::object_t vocabulary;
  std::unordered_map<std::string, size_t> ids;
  for (const auto& word : words) {
    if (!ids.emplace(word, ids.size()).second) fail("[tokenizer] vocabulary: the word \"{}\" stands twice", shown(word));
    vocabulary.emplace_back(word, vocabulary.size());
  }
  std::map<size_t, std::string> sorted;
  for (const auto& special : specials) {
    if (!ids.contains(special))
      fail("[tokenizer] vocabulary: the added token \"{}\" is not in the vocabulary", shown(special));
    if (!sorted.emplace(ids.at(special), special).second)
      fail("[tokenizer] vocabulary: the added token \"{}\" stands twice", shown(special));
  }
  for (const auto& word : words) {
    bool whole = !word.empty() && unicode::is_utf8(word);
    for (size_t at = 0; whole && at < word.size();) whole = !unicode::is_white_space(unicode::next(word, at));
    for (const auto& special : specials) whole = whole && (word.find(special) == word.npos || sorted.contains(ids.at(word)));
    if (!whole)
      fail("[tokenizer] vocabulary: the word \"{}\" is empty, or no UTF-8, or a space or a special token splits it",
           shown(word));
  }
  Json added = Json::array();
  for (const auto& [id, content] : sorted)
    added.push_back({{"id", id},
                     {"content", content},
                     {"single_word", false},
                     {"lstrip", false},
                     {"rstrip", false},
                     {"normalized", false},
                     {"special", true}});
  Json frame = nullptr;
  if (std::find(specials.begin(), specials.end(), "<bos>") != specials.end()) {
    const Json bos{{"SpecialToken", {{"id", "<bos>"}, {"type_id", 0}}}};
    const auto part = [](const char* id, int type) { return Json{{"Sequence", {{"id", id}, {"type_id", type}}}}; };
    frame = {{"type", "TemplateProcessing"},
             {"single", {bos, part("A", 0)}},
             {"pair", {bos, part("A", 0), part("B", 1)}},
             {"special_tokens", {{"<bos>", {{"id", "<bos>"}, {"ids", {ids.at("<bos>")}}, {"tokens", {"<bos>"}}}}}}};
  }
  return {{"version", "1.0"},
          {"truncation", nullptr},
          {"padding", nullptr},
          {"added_tokens", added},
          {"normalizer", nullptr},
          {"pre_tokenizer", {{"type", "WhitespaceSplit"}}},
          {"post_processor", frame},
          {"decoder", nullptr},
          {"model", {{"type", "WordLevel"}, {"vocab", vocabulary}, {"unk_token", "<unk>"}}}};
}

}  // namespace fairfight
