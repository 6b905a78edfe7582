#include "fairfight/model/tokenizer_of.h"

#include "fairfight/base/error.h"

namespace fairfight {

Tokenizer tokenizer_of(const LoadedModel& model) {
  const auto file = model.folder / "tokenizer.json";
  if (!std::filesystem::exists(file)) fail("[tokenizer] {}: has no tokenizer.json, so nobody knows how it reads text", model.folder.string());
  Tokenizer tokenizer(file);
  if (int64_t(tokenizer.size()) > model.model.config().vocab)
    fail("[tokenizer] {}: the tokenizer has {} pieces, the model only {}", model.folder.string(), tokenizer.size(), model.model.config().vocab);
  return tokenizer;
}

}  // namespace fairfight
