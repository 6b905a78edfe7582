#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fairfight/io/tokenizer.h"

namespace fairfight {

/// How a model's texts become ids, for every verb: a text has around it what its tokenizer puts there, and whoever asks for a
/// <bos> (`forced`) has exactly one in front, whether the tokenizer, the text or nobody else puts it there.
class Reading {
 public:
  explicit Reading(Tokenizer tokenizer, std::optional<int32_t> forced = {});

  /// Of a longer text the first tokens, with what stands around them: `at_most` in all, as `truncation=True` does in transformers.
  std::vector<int32_t> operator()(std::string_view text, size_t at_most = SIZE_MAX) const;
  /// A text that goes on: nothing stands after it.
  std::vector<int32_t> begun(std::string_view text) const;
  /// A text that a chat template has written, with its special tokens in it: nothing stands around it.
  std::vector<int32_t> rendered(std::string_view text) const;

  /// A rendered text without the tokens at its head that the tokenizer puts before every text: what is cut out of it can then be
  /// read as any text.
  std::string without_head(std::string_view rendered) const;

  /// Bytes of a text that its first token stands for, which nothing predicts: none where a token of the tokenizer's stands first.
  size_t bytes_of_first(std::string_view text, bool rendered = false) const;

  size_t around() const;  // tokens that stand around a text
  const Tokenizer& tokenizer() const { return tokenizer_; }
  bool forced() const { return forced_.has_value(); }

 private:
  std::vector<int32_t> with_bos(std::vector<int32_t> ids) const;

  Tokenizer tokenizer_;
  std::optional<int32_t> forced_;
};

/// As the tokenizer does and, where `bos` is asked for, with exactly one <bos> first: config.json's bos_token_id, negative if it names none. Error: it
/// names none. `what` names the model.
Reading reading_of(Tokenizer tokenizer, int64_t bos_token_id, bool bos, std::string_view what);

}  // namespace fairfight
