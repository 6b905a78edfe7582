#include <algorithm>

#include "fairfight/io/tokenizer.h"
#include "fairfight/io/tokenizer/unicode.h"
#include "fuzz/promise.h"
#include "fuzz/targets.h"

namespace fairfight::fuzz {

/// The first line is a text, the rest a tokenizer.json. Ids are in range, and what they decode to is UTF-8.
void tokenizer_json(std::string_view bytes) {
  const size_t end = std::min(bytes.find('\n'), bytes.size());
  const std::string_view text = bytes.substr(0, end), file = bytes.substr(std::min(end + 1, bytes.size()));
  done_or_refused([&] {
    const Tokenizer tokenizer = Tokenizer::parse(file, "fuzz");
    const std::vector<int32_t> ids = tokenizer.encode(text, true);
    for (int32_t id : ids) require(id >= 0 && size_t(id) < tokenizer.size(), "ids are pieces");
    require(tokenizer.encode(text, true) == ids, "what was seen before encodes to the same");
    require(unicode::is_utf8(tokenizer.decode(ids)), "a decoded text is UTF-8");
  });
}

}  // namespace fairfight::fuzz
