#include "fairfight/organism/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>

#include "fairfight/model/batch.h"
#include "fairfight/model/torch.h"

namespace fairfight::tinytown {
namespace {

constexpr size_t kLessons = 4;  // of a step: enough to keep as many cores busy

const Source& pick(const std::vector<Source>& sources, double when, Random& random) {
  std::vector<double> shares;
  for (const auto& source : sources) shares.push_back(source.from <= when && when < source.until ? source.share : 0);
  return sources[random.pick(shares)];
}

/// A document up to its last token that teaches, and where those begin.
struct Taught {
  Tokens document;
  size_t first;
};

/// Nothing where the source has no use for what was drawn.
std::optional<Taught> draw(const Source& source, Random& random) {
  Tokens document = (source.kind.empty() ? source.world.sample(random, Split::train) : source.world.sample(random, Split::train, source.kind)).tokens;
  if (!source.taught) return Taught{std::move(document), 1};
  const size_t taught = source.taught(document);
  if (taught == 0) return std::nullopt;
  document.resize(taught + 1);
  return Taught{std::move(document), taught};
}

Lesson lesson_of(std::span<const Taught> part) {
  std::vector<Tokens> documents;
  for (const auto& taught : part) documents.push_back(taught.document);
  const auto tokens = pad(documents).tokens;
  auto targets = next_tokens(tokens);
  for (size_t i = 0; i < part.size(); ++i) targets[int64_t(i)].slice(0, 0, int64_t(part[i].first) - 1).fill_(-1);
  return {tokens, targets.flatten(), double((targets >= 0).sum().item<int64_t>())};
}

std::vector<Lesson> lessons(const std::vector<Source>& sources, size_t count, double when, Random& random) {
  std::vector<Taught> all;
  while (all.size() < count)
    if (auto taught = draw(pick(sources, when, random), random)) all.push_back(std::move(*taught));
  std::stable_sort(all.begin(), all.end(), [](const Taught& a, const Taught& b) { return a.document.size() < b.document.size(); });
  std::vector<Lesson> list;
  double targets = 0;
  for (size_t i = 0; i < kLessons; ++i) {
    const size_t from = i * count / kLessons, to = (i + 1) * count / kLessons;
    if (from < to) list.push_back(lesson_of(std::span(all).subspan(from, to - from)));
  }
  for (const auto& lesson : list) targets += lesson.weight;
  for (auto& lesson : list) lesson.weight /= targets;
  return list;
}

}  // namespace

int64_t Diet::Step::tokens() const {
  int64_t count = 0;
  for (const auto* part : {&text, &drills})
    for (const auto& lesson : *part) count += (lesson.tokens != kPadding).sum().item<int64_t>();
  return count;
}

Diet::Step Diet::step(std::string_view stream, int64_t step, int64_t steps) const {
  Random random(text.front().world.seed(), fmt::format("{}/{}", stream, step));
  const double when = double(step) / double(steps);
  return {lessons(text, size_t(documents), when, random), lessons(drills, size_t(drills_a_step), when, random)};
}

std::vector<Document> draw_documents(const World& world, Split split, std::string_view stream, size_t count) {
  Random random(world.seed(), stream);
  std::vector<Document> documents;
  for (size_t i = 0; i < count; ++i) documents.push_back(world.sample(random, split));
  return documents;
}

}  // namespace fairfight::tinytown
