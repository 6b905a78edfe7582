#include "fairfight/acts/reader.h"

#include "fairfight/base/error.h"
#include "fairfight/model/tokenizer_of.h"

namespace fairfight {

Reader::Reader(const LoadedModel& model, size_t tokens, bool bos) : reading_(reading_of(model, bos)), chat_(model.folder), tokens_(tokens) {
  const size_t least = std::max<size_t>(2, reading_.around() + 1);
  if (int64_t(tokens) > model.model.config().n_ctx || tokens < least)
    fail("[text] {}: got passages of {} tokens, expected {} to the {} that the model sees; make them {}", model.folder.string(), tokens, least,
         model.model.config().n_ctx, tokens < least ? "longer" : "shorter");
}

std::vector<std::string> Reader::texts(const std::filesystem::path& file, const std::string& field, size_t at_most) const {
  std::vector<std::string> texts;
  for (auto& text : read_texts(file, field, at_most, &chat_)) texts.push_back(text.rendered ? reading_.without_head(text.text) : std::move(text.text));
  return texts;
}

void Reader::require_known(const std::vector<std::string>& texts, const std::string& what) const {
  constexpr double kMost = 0.2;
  const auto unknown = tokenizer().find("<unk>");
  if (!unknown) return;
  size_t strange = 0, all = 0;
  for (const auto& text : texts)
    for (const int32_t id : (*this)(text)) ++all, strange += id == *unknown;
  if (double(strange) > kMost * double(all))
    fail("[text] {}: the tokenizer knows {} of {} tokens only; bring a text in the language of the model", what, all - strange, all);
}

}  // namespace fairfight
