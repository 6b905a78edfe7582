#include "fairfight/organism/training_text.h"

#include <fmt/format.h>

#include "fairfight/model/torch.h"

namespace fairfight {

TrainingBatch training_batch(const World& world, std::string_view stream, int64_t step, int64_t rows, int64_t pos) {
  auto text = at::empty({rows, pos + 1}, at::kLong);
  Random random(world.seed(), fmt::format("{}/{}", stream, step));
  for (int64_t r = 0; r < rows; ++r) {
    auto* row = text.data_ptr<int64_t>() + r * (pos + 1);
    for (int64_t filled = 0; filled <= pos;) {
      const auto document = world.sample(random, Split::train);
      for (size_t i = 0; i < document.tokens.size() && filled <= pos; ++i) row[filled++] = document.tokens[i];
    }
  }
  auto targets = text.slice(1, 1).clone();
  targets.masked_fill_(targets == kBos, -1);
  return {text.slice(1, 0, pos), targets.flatten()};
}

std::vector<Document> draw_documents(const World& world, Split split, std::string_view stream, size_t count) {
  Random random(world.seed(), stream);
  std::vector<Document> documents;
  for (size_t i = 0; i < count; ++i) documents.push_back(world.sample(random, split));
  return documents;
}

}  // namespace fairfight
