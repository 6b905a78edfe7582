#pragma once
#include <map>
#include <memory>
#include <optional>

#include "fairfight/io/tokenizer/vocabulary.h"

namespace fairfight {

/// Turns one piece of a text into ids.
class TokenModel {
 public:
  TokenModel(Vocabulary vocabulary, std::string what) : what_(std::move(what)), vocabulary_(std::move(vocabulary)) {}
  virtual ~TokenModel() = default;
  virtual void encode(std::string_view piece, std::vector<int32_t>& ids) const = 0;
  virtual bool worth_caching() const { return true; }
  const Vocabulary& vocabulary() const { return vocabulary_; }

 protected:
  const std::string what_;  // names the file in errors
  const Vocabulary vocabulary_;
};

/// A large object whose values are read later, in whatever order they are needed: where each of them begins.
class LazyFields {
 public:
  LazyFields(JsonCursor& cursor, std::string what);

  /// The place of a value that is there and no null. What nobody asks for is refused by `finish`.
  std::optional<JsonCursor> find(const std::string& key);
  JsonCursor at(const std::string& key);
  std::string text_or(const std::string& key, std::string otherwise);
  bool flag_or(const std::string& key, bool otherwise);
  void finish() const;
  const std::string& what() const { return what_; }

 private:
  std::string what_;
  std::map<std::string, JsonCursor> values_;
  std::map<std::string, bool> asked_;
};

/// Ids of the pieces <0x00> ... <0xFF>; -1 where there is none.
std::vector<int32_t> byte_pieces(const Vocabulary& vocabulary);

std::unique_ptr<TokenModel> read_bpe(LazyFields& fields);
std::unique_ptr<TokenModel> read_unigram(LazyFields& fields);
std::unique_ptr<TokenModel> read_word_level(LazyFields& fields);
/// BPE, Unigram or WordLevel.
std::unique_ptr<TokenModel> read_token_model(JsonCursor& cursor, const std::string& what);

}  // namespace fairfight
