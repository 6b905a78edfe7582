#include <fmt/format.h>

#include <algorithm>

#include "fairfight/base/statistics.h"
#include "fairfight/stress/stress.h"

namespace fairfight {
namespace {

constexpr size_t kFew = 48;  // prompts of a group

}  // namespace

Subject::Subject(const Transformer& original, const Transformer* retrained, Text text, uint64_t seed)
    : original_(original), relearn_(std::move(text.relearn)), harmful_(prompt_slices(text.harmful)), harmless_(prompt_slices(text.harmless)), few_(asked(text.prompts, retrained, text, Random(seed, "stress"))) {
  for (const auto& [way, prompts] : text.paraphrases) paraphrases_.push_back(asked(prompts, retrained, text, Random(seed, fmt::format("stress/{}", way))));
}

Subject::Asked Subject::asked(std::vector<Tokens> prompts, const Transformer* retrained, const Text& text, Random random) const {
  prompts.resize(std::min(prompts.size(), kFew));
  Asked asked{Occasions(std::move(prompts), text.sign, random), {}};
  asked.scale.untouched = mean(asked.occasions.answered(original_).amiss);
  if (retrained) asked.scale.removed = mean(asked.occasions.answered(*retrained).amiss);
  return asked;
}

double Subject::removed(const Asked& asked, const Patch& patch) const { return asked.scale.u(mean(asked.occasions.answered(original_, patch).amiss)); }

double Subject::removed(const Patch& patch) const { return removed(few_, patch); }

std::vector<double> Subject::removed_in_other_words(const Patch& patch) const {
  constexpr double kProvokes = 0.1;  // so much more is amiss than in a model without the behaviour
  std::vector<double> ways;
  for (const Asked& way : paraphrases_)
    if (way.scale.untouched - way.scale.removed >= kProvokes) ways.push_back(removed(way, patch));
  return ways;
}

std::vector<at::Tensor> Subject::tokens() const {
  auto all = few_.occasions.tokens();
  for (const Asked& way : paraphrases_)
    for (auto& t : way.occasions.tokens()) all.push_back(std::move(t));
  for (const auto* parts : {&harmful_, &harmless_})
    for (const auto& part : *parts) all.push_back(part.tokens);
  return all;
}

}  // namespace fairfight
