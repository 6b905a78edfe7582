#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "fairfight/io/tokenizer.h"
#include "fairfight/model/checkpoint.h"

namespace fairfight {

/// Reads texts as a model does: its <bos> first, if it has one, and at most `tokens` in all.
class Reader {
 public:
  /// Errors: a model without a tokenizer.json, or with one that has more pieces than it knows; more tokens than it can see.
  Reader(const LoadedModel& model, size_t tokens);

  std::vector<int32_t> operator()(const std::string& text) const;
  const Tokenizer& tokenizer() const { return tokenizer_; }
  size_t room() const { return tokens_ - (bos_ >= 0 ? 1 : 0); }  // for the text's own tokens

  /// Error unless nearly all of the texts' tokens are known: a tokenizer of words reads a foreign text as unknown ones, and then
  /// there is nothing to find in it. `what` names the texts.
  void require_known(const std::vector<std::string>& texts, const std::string& what) const;

 private:
  Tokenizer tokenizer_;
  int64_t bos_;
  size_t tokens_;
};

}  // namespace fairfight
