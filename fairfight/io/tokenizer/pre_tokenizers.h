#pragma once
#include "fairfight/io/tokenizer/text.h"

namespace fairfight {

using PreTokenizer = std::function<void(Pieces&)>;

/// Reads one of: Sequence, ByteLevel, Split, Metaspace, Whitespace, WhitespaceSplit, Digits, Punctuation, BertPreTokenizer.
PreTokenizer read_pre_tokenizer(const Json& json, const std::string& where);

/// Of a Metaspace, which stands among the pre-tokenizers and among the decoders.
struct Metaspace {
  std::string replacement;  // one character
  std::string scheme;       // always, first, never
  bool split;
};
Metaspace read_metaspace(Fields& fields);
void read_byte_level(Fields& fields, bool& add_prefix_space, bool& use_regex);

}  // namespace fairfight
