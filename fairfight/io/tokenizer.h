#pragma once
#include <bitset>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fairfight/base/json.h"

namespace fairfight {

/// A Hugging Face `tokenizer.json` of model type WordLevel behind the pre-tokenizer WhitespaceSplit: an id a word. Anything
/// else in the file (a normalizer, another model, a post-processor ...) is refused, because ids that differ silently ruin
/// every number downstream. Ids are 0 .. size() - 1. Every word encodes to itself: one that is empty, or that a space or a
/// special token would split, is refused; so encode(decode(ids)) == ids.
class Tokenizer {
 public:
  explicit Tokenizer(const std::filesystem::path& tokenizer_json);
  Tokenizer(const Json& tokenizer_json, std::string_view what);  // `what` names the source in errors

  /// `words` in the order of their ids. Those in `specials` (<bos> ...) become added tokens; "<unk>", if
  /// there is one, stands for unknown words.
  static Tokenizer from_words(const std::vector<std::string>& words, const std::vector<std::string>& specials);

  /// Adds no <bos> or <eos> of its own. Special tokens are found wherever they stand, also inside a word, as `tokenizers`
  /// does. Errors: a word that is not in the vocabulary, if there is no unknown token.
  std::vector<int32_t> encode(std::string_view text) const;
  std::string decode(std::span<const int32_t> ids) const;  // the words, with spaces between

  size_t size() const { return words_.size(); }
  std::optional<int32_t> find(std::string_view word) const;
  int32_t id(std::string_view word) const;    // of a word that must be there
  const std::string& word(int32_t id) const;  // errors: not 0 .. size() - 1
  const std::vector<std::string>& words() const { return words_; }

  Json to_json() const;  // byte for byte the tree that `tokenizers` writes

 private:
  Tokenizer() = default;
  void read_vocabulary(const Json& vocabulary);
  void read_special(Fields token);
  void add_special(int32_t id);
  void require_whole_words() const;
  size_t special_at(std::string_view text) const;
  std::vector<std::string_view> split(std::string_view text) const;
  int32_t known_or_unknown(std::string_view word) const;

  std::string what_ = "vocabulary";
  std::vector<std::string> words_;                // by id
  std::unordered_map<std::string, int32_t> ids_;  // by word
  std::vector<int32_t> specials_;                 // the added tokens, ascending
  std::bitset<256> special_starts_;               // their first bytes: a quick look before a slow one
  std::string unknown_ = "<unk>";                 // the unknown token, whether the vocabulary has it or not
};

}  // namespace fairfight
