#pragma once
#include "fairfight/io/tokenizer/text.h"

namespace fairfight {

using Normalizer = std::function<void(Text&)>;

/// Reads one of: Sequence, NFC, NFD, NFKC, NFKD, Lowercase, Prepend, Replace, Strip, StripAccents, Nmt, Precompiled,
/// ByteLevel.
Normalizer read_normalizer(const Json& json, const std::string& where);

/// SentencePiece's table of replacements, from the base64 of a tokenizer.json.
Normalizer read_charsmap(const std::string& base64, const std::string& where);

}  // namespace fairfight
