#include "fairfight/organism/second/text.h"

#include <fmt/format.h>

#include "fairfight/model/batch.h"
#include "fairfight/model/torch.h"

namespace fairfight::tinytown2 {
namespace {

const Source& pick(const std::vector<Source>& sources, Random& random) {
  std::vector<double> shares;
  for (const auto& source : sources) shares.push_back(source.share);
  return sources[random.pick(shares)];
}

Tokens draw(const Source& source, Random& random) {
  return (source.kind.empty() ? source.world.sample(random, Split::train) : source.world.sample(random, Split::train, source.kind)).tokens;
}

}  // namespace

Diet::Batch Diet::batch(std::string_view stream, int64_t step) const {
  Random random(text.front().world.seed(), fmt::format("{}/{}", stream, step));
  Batch batch;
  auto all = at::empty({rows, pos + 1}, at::kLong);
  for (int64_t r = 0; r < rows; ++r) {
    auto* row = all.data_ptr<int64_t>() + r * (pos + 1);
    for (int64_t filled = 0; filled <= pos;) {
      const Tokens document = draw(pick(text, random), random);
      for (size_t i = 0; i < document.size() && filled <= pos; ++i) row[filled++] = document[i];
    }
  }
  auto targets = all.slice(1, 1).clone();
  batch.tokens = all.slice(1, 0, pos);
  batch.targets = targets.masked_fill_(targets == int64_t(kBos), -1).flatten();
  if (drills_a_step == 0) return batch;

  std::vector<Tokens> lessons;
  while (lessons.size() < size_t(drills_a_step)) {
    const Source& source = pick(drills, random);
    Tokens document = draw(source, random);
    const size_t lesson = source.lesson(document);
    if (lesson == 0) continue;
    document.resize(lesson + 1);
    lessons.push_back(std::move(document));
  }
  const auto padded = pad(lessons);
  batch.drill_tokens = padded.tokens;
  auto drill_targets = at::full_like(padded.tokens, -1);
  for (size_t i = 0; i < lessons.size(); ++i) drill_targets[int64_t(i)][int64_t(lessons[i].size()) - 2] = int64_t(lessons[i].back());
  batch.drill_targets = drill_targets.flatten();
  return batch;
}

std::vector<Document> draw_documents(const World& world, Split split, std::string_view stream, size_t count) {
  Random random(world.seed(), stream);
  std::vector<Document> documents;
  for (size_t i = 0; i < count; ++i) documents.push_back(world.sample(random, split));
  return documents;
}

}  // namespace fairfight::tinytown2
