#include "fairfight/acts/reader.h"

#include "fairfight/base/error.h"
#include "fairfight/model/tokenizer_of.h"

namespace fairfight {

Reader::Reader(const LoadedModel& model, size_t tokens) : tokenizer_(tokenizer_of(model)), bos_(model.model.config().bos), tokens_(tokens) {
  const Config& config = model.model.config();
  if (int64_t(tokens) > config.n_ctx || tokens < 2)
    fail("[text] {}: got passages of {} tokens, expected 2 to the {} that the model sees; make them shorter", model.folder.string(), tokens, config.n_ctx);
}

std::vector<int32_t> Reader::operator()(const std::string& text) const {
  std::vector<int32_t> ids = tokenizer_.encode(text);
  ids.resize(std::min(ids.size(), room()));
  if (bos_ >= 0) ids.insert(ids.begin(), int32_t(bos_));
  return ids;
}

void Reader::require_known(const std::vector<std::string>& texts, const std::string& what) const {
  constexpr double kMost = 0.2;
  const auto unknown = tokenizer_.find("<unk>");
  if (!unknown) return;
  size_t strange = 0, all = 0;
  for (const auto& text : texts)
    for (const int32_t id : (*this)(text)) ++all, strange += id == *unknown;
  if (double(strange) > kMost * double(all))
    fail("[text] {}: the tokenizer knows {} of {} tokens only; bring a text in the language of the model", what, all - strange, all);
}

}  // namespace fairfight
