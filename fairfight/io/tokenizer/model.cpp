#include "fairfight/io/tokenizer/model.h"

#include "fairfight/base/error.h"
#include "fairfight/io/shown.h"

namespace fairfight {
namespace {

class WordLevel : public TokenModel {
 public:
  WordLevel(Vocabulary vocabulary, std::string what, std::string unknown)
      : TokenModel(std::move(vocabulary), std::move(what)), unknown_(std::move(unknown)) {}

  void encode(std::string_view piece, std::vector<int32_t>& ids) const override {
    int32_t id = vocabulary_.find(piece);
    if (id < 0) id = vocabulary_.find(unknown_);
    if (id < 0)
      fail("[tokenizer] {}: the word \"{}\" is not in the vocabulary, and there is no {}", what_, shown(piece),
           shown(unknown_));
    ids.push_back(id);
  }
  bool worth_caching() const override { return false; }

 private:
  std::string unknown_;
};

}  // namespace

LazyFields::LazyFields(JsonCursor& cursor, std::string what) : what_(std::move(what)) {
  cursor.object([&](const std::string& key) {
    if (values_.size() == 64 || !values_.emplace(key, cursor).second)
      fail("[tokenizer] {}: the key \"{}\" stands twice, or is one too many", what_, shown(key));
    cursor.skip();
  });
}

std::optional<JsonCursor> LazyFields::find(const std::string& key) {
  asked_[key] = true;
  const auto found = values_.find(key);
  if (found == values_.end() || JsonCursor(found->second).null()) return std::nullopt;
  return found->second;
}

JsonCursor LazyFields::at(const std::string& key) {
  const auto value = find(key);
  if (!value) fail("[tokenizer] {}: \"{}\" is missing", what_, key);
  return *value;
}

std::string LazyFields::text_or(const std::string& key, std::string otherwise) {
  auto value = find(key);
  return value ? value->text() : otherwise;
}

bool LazyFields::flag_or(const std::string& key, bool otherwise) {
  auto value = find(key);
  return value ? value->flag() : otherwise;
}

void LazyFields::finish() const {
  for (const auto& [key, value] : values_)
    if (!asked_.contains(key)) fail("[tokenizer] {}: \"{}\" is not implemented", what_, shown(key));
}

std::vector<int32_t> byte_pieces(const Vocabulary& vocabulary) {
  std::vector<int32_t> ids;
  for (int byte = 0; byte < 256; ++byte) ids.push_back(vocabulary.find(fmt::format("<0x{:02X}>", byte)));
  return ids;
}

std::unique_ptr<TokenModel> read_word_level(LazyFields& fields) {
  JsonCursor unknown = fields.at("unk_token"), vocabulary = fields.at("vocab");
  fields.finish();
  return std::make_unique<WordLevel>(read_vocabulary(vocabulary, fields.what()), fields.what(), unknown.text());
}

std::unique_ptr<TokenModel> read_token_model(JsonCursor& cursor, const std::string& what) {
  LazyFields fields(cursor, what + ": model");
  std::string type = fields.text_or("type", "");
  if (type.empty()) {  // files from before 2021 do not say it
    if (fields.find("merges"))
      type = "BPE";
    else if (fields.find("max_input_chars_per_word"))
      type = "WordPiece";
    else if (fields.at("vocab").peek() == '[')
      type = "Unigram";
    else
      type = "WordLevel";
  }
  if (type == "BPE") return read_bpe(fields);
  if (type == "Unigram") return read_unigram(fields);
  if (type == "WordLevel") return read_word_level(fields);
  fail("[tokenizer] {}: the type {} is not implemented; fairfight knows BPE, Unigram and WordLevel", fields.what(),
       shown(type));
}

}  // namespace fairfight
