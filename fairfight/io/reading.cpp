#include "fairfight/io/reading.h"

#include <algorithm>

#include "fairfight/base/error.h"
#include "fairfight/io/tokenizer/post_processors.h"

namespace fairfight {

Reading::Reading(Tokenizer tokenizer, std::optional<int32_t> forced) : tokenizer_(std::move(tokenizer)), forced_(forced) {}

std::vector<int32_t> Reading::operator()(std::string_view text, size_t at_most) const {
  std::vector<int32_t> ids = begun(text);
  const auto& behind = tokenizer_.frame().behind;
  ids.resize(std::min(ids.size(), at_most - std::min(at_most, behind.size())));
  ids.insert(ids.end(), behind.begin(), behind.end());
  return ids;
}

std::vector<int32_t> Reading::begun(std::string_view text) const {
  std::vector<int32_t> ids = tokenizer_.frame().before;
  const auto own = tokenizer_.encode(text);
  ids.insert(ids.end(), own.begin(), own.end());
  return with_bos(std::move(ids));
}

std::vector<int32_t> Reading::rendered(std::string_view text) const { return with_bos(tokenizer_.encode(text)); }

std::string Reading::without_head(std::string_view rendered) const {
  std::vector<int32_t> head = with_bos(tokenizer_.frame().before);
  for (const int32_t id : head) {
    const std::string_view piece = tokenizer_.piece(id);
    if (!rendered.starts_with(piece)) break;
    rendered.remove_prefix(piece.size());
  }
  return std::string(rendered);
}

size_t Reading::bytes_of_first(std::string_view text, bool rendered) const {
  const auto ids = rendered ? this->rendered(text) : begun(text);
  return ids.size() > tokenizer_.encode(text).size() ? 0 : tokenizer_.bytes_of_first(text);
}

size_t Reading::around() const { return with_bos(tokenizer_.frame().before).size() + tokenizer_.frame().behind.size(); }

std::vector<int32_t> Reading::with_bos(std::vector<int32_t> ids) const {
  if (forced_ && (ids.empty() || ids.front() != *forced_)) ids.insert(ids.begin(), *forced_);
  return ids;
}

Reading reading_of(Tokenizer tokenizer, int64_t bos_token_id, bool bos, std::string_view what) {
  if (bos && bos_token_id < 0) fail("[tokenizer] {}: got the wish for a <bos> before every text, but its config.json has no bos_token_id; leave --bos out", what);
  return Reading(std::move(tokenizer), bos ? std::optional(int32_t(bos_token_id)) : std::nullopt);
}

}  // namespace fairfight
