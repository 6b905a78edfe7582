#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "fairfight/io/reading.h"
#include "fairfight/io/texts.h"
#include "fairfight/model/checkpoint.h"

namespace fairfight {

/// Reads passages as a model does, at most `tokens` with what stands around each (io/reading.h).
class Reader {
 public:
  /// `bos`: a <bos> first in any case. Errors: a model without a tokenizer.json, or with one that has more pieces than it knows;
  /// more tokens than it can see; no <bos> where one is asked for.
  Reader(const LoadedModel& model, size_t tokens, bool bos);

  std::vector<int32_t> operator()(const std::string& text) const { return reading_(text, tokens_); }
  const Tokenizer& tokenizer() const { return reading_.tokenizer(); }
  size_t room() const { return tokens_ - reading_.around(); }  // for the text's own tokens

  /// A file's texts, ready to be cut: a conversation is what the model's template writes, but for what stands before every text.
  std::vector<std::string> texts(const std::filesystem::path& file, const std::string& field, size_t at_most = SIZE_MAX) const;

  /// Error unless nearly all of the texts' tokens are known: a tokenizer of words reads a foreign text as unknown ones, and then
  /// there is nothing to find in it. `what` names the texts.
  void require_known(const std::vector<std::string>& texts, const std::string& what) const;

 private:
  Reading reading_;
  Conversations chat_;
  size_t tokens_;
};

}  // namespace fairfight
