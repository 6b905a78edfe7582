#include "fairfight/model/tokenizer_of.h"

#include "fairfight/base/error.h"
#include "fairfight/base/note.h"

namespace fairfight {

Tokenizer tokenizer_of(const LoadedModel& model) {
  const auto file = model.folder / "tokenizer.json";
  if (!std::filesystem::exists(file)) fail("[tokenizer] {}: has no tokenizer.json, so nobody knows how it reads text", model.folder.string());
  Tokenizer tokenizer(file);
  const int64_t rows = model.model.config().vocab;
  if (int64_t(tokenizer.size()) > rows)
    note(fmt::format("{}: the tokenizer has {} pieces, the model rows for {}; a text with one of the others is refused", model.folder.string(),
                     tokenizer.size(), rows));
  tokenizer.limit_to(rows);
  return tokenizer;
}

Reading reading_of(const LoadedModel& model, bool bos) { return reading_of(tokenizer_of(model), model.model.config().bos, bos, model.folder.string()); }

}  // namespace fairfight
