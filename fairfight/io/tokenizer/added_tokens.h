#pragma once
#include <map>
#include <optional>
#include <set>

#include "fairfight/io/tokenizer/normalizers.h"
#include "fairfight/io/tokenizer/vocabulary.h"

namespace fairfight {

/// Tokens that are found in a text before its model sees it: special ones, and whatever was added after training.
struct AddedToken {
  std::string content;
  int32_t id = -1;
  bool single_word = false, lstrip = false, rstrip = false, normalized = false, special = false;
  std::string found_as;  // the content, normalized if the token is to be found in normalized text
};

class AddedTokens {
 public:
  /// Ids must be those that `tokenizers` gives: the vocabulary's, or the next ones after it.
  AddedTokens(JsonCursor& cursor, const Vocabulary& vocabulary, const Normalizer& normalizer, const std::string& what);

  /// The text cut at the tokens, and what lies between them normalized.
  Pieces find(std::string_view text, const Normalizer& normalizer) const;

  const AddedToken* of(int32_t id) const;
  int32_t id(std::string_view content) const;  // or -1
  bool is_special(const std::string& content) const { return specials_.contains(content); }
  size_t ids() const { return tokens_.empty() ? 0 : size_t(tokens_.rbegin()->first) + 1; }

 private:
  struct Found {
    size_t begin, end;
    int32_t id;  // -1: text
  };
  std::vector<Found> cut(std::string_view text, const PrefixTable& table) const;

  std::map<int32_t, AddedToken> tokens_;
  std::map<std::string, int32_t, std::less<>> ids_;
  std::set<std::string> specials_;
  PrefixTable raw_, normalized_;
};

}  // namespace fairfight
