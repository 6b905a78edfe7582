#include <algorithm>

#include "fairfight/base/error.h"
#include "fairfight/base/statistics.h"
#include "fairfight/model/torch.h"
#include "fairfight/stress/stress.h"

namespace fairfight {
namespace {

constexpr size_t kFew = 48;  // prompts of a group
const std::string kPrompts = "";

void keep_few(std::vector<Question>& questions) { questions.resize(std::min(questions.size(), kFew)); }

std::map<std::string, std::vector<Question>> few(std::map<std::string, std::vector<Question>> groups) {
  for (auto& [name, questions] : groups) keep_few(questions);
  return groups;
}

}  // namespace

Subject::Subject(const Transformer& original, const Transformer* retrained, Text text)
    : original_(original),
      relearn_(std::move(text.relearn)),
      harmful_(prompt_slices(text.harmful)),
      harmless_(prompt_slices(text.harmless)),
      paraphrases_(few(std::move(text.paraphrases))),
      few_(few({{kPrompts, std::move(text.prompts)}})) {
  const auto answering = [](const Transformer& model) { return [&model](const at::Tensor& t, const Taps& taps) { return model.read_out(t, taps); }; };
  for (const auto* asked : {&paraphrases_, &few_}) {
    for (const auto& [group, p] : asked->ask(answering(original))) scales_[group] = {mean(p), 0};
    if (!retrained) continue;
    for (const auto& [group, p] : asked->ask(answering(*retrained))) scales_[group].removed = mean(p);
  }
}

Answering Subject::under(const Patch& patch) const {
  return [this, patch](const at::Tensor& t, const Taps& taps) { return patch.read_out(original_, t, taps); };
}

double Subject::removed(const Patch& patch) const { return scales_.at(kPrompts).u(mean(few_.ask(under(patch)).at(kPrompts))); }

std::vector<double> Subject::removed_in_other_words(const Patch& patch) const {
  constexpr double kProvokes = 0.1;
  std::vector<double> ways;
  for (const auto& [way, p] : paraphrases_.ask(under(patch)))
    if (const Scale& scale = scales_.at(way); scale.untouched >= kProvokes) ways.push_back(scale.u(mean(p)));
  return ways;
}

std::vector<at::Tensor> Subject::tokens() const {
  auto all = paraphrases_.tokens();
  for (auto& t : few_.tokens()) all.push_back(std::move(t));
  for (const auto* parts : {&harmful_, &harmless_})
    for (const auto& part : *parts) all.push_back(part.tokens);
  return all;
}

}  // namespace fairfight
