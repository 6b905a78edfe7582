#include "cli/text.h"

#include "fairfight/base/error.h"
#include "fairfight/organism/organism.h"
#include "fairfight/organism/training_text.h"

namespace fairfight {

std::vector<Batch> organism_text(const std::filesystem::path& organism, Split split, size_t documents) {
  constexpr size_t kBatch = 64;
  if (!std::filesystem::exists(organism / "papers.json"))
    fail("[text] {} has no papers.json, so its text is unknown; take an organism, or build one", organism.string());
  const auto drawn = draw_documents(Papers::read(organism).make_world(), split, "text", documents);
  std::vector<Batch> batches;
  for (size_t from = 0; from < drawn.size(); from += kBatch) {
    std::vector<Tokens> texts;
    for (size_t i = from; i < std::min(drawn.size(), from + kBatch); ++i) texts.push_back(drawn[i].tokens);
    batches.push_back(pad(texts, kPad));
  }
  return batches;
}

}  // namespace fairfight
