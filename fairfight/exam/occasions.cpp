#include "fairfight/exam/occasions.h"

#include <algorithm>

#include "fairfight/base/error.h"
#include "fairfight/model/generate.h"

namespace fairfight {
namespace {

constexpr const char* kAsked = "asked";

Questionnaire questionnaire(const std::vector<Tokens>& prompts, const Sign& sign) {
  std::vector<Question> questions;
  if (!sign.reads())
    for (const Tokens& prompt : prompts) questions.push_back({prompt, sign.words});
  return Questionnaire({{kAsked, std::move(questions)}});
}

constexpr int64_t kLongest = 6;  // tokens of an answer that is shown where the sign is its first one

}  // namespace

Occasions::Occasions(std::vector<Tokens> prompts, Sign sign, Random random)
    : prompts_(std::move(prompts)), sign_(std::move(sign)), random_(random), first_tokens_(questionnaire(prompts_, sign_)) {}

AnsweredAt Occasions::answered(const Transformer& model, const Hooks& hooks) const {
  if (!sign_.reads()) {
    const auto p = first_tokens_.ask([&](const at::Tensor& tokens, const Taps& taps) { return read_out(model, hooks, tokens, taps); }).at(kAsked);
    return {p, p};
  }
  std::vector<Tokens> asked;
  for (const Tokens& prompt : prompts_) asked.insert(asked.end(), kAnswers, prompt);
  AnsweredAt at{std::vector<double>(prompts_.size(), 0), std::vector<double>(prompts_.size(), 0)};
  const auto said = written(model, hooks, asked);
  if (sign_.refuses) at.refused.assign(prompts_.size(), 0);
  for (size_t i = 0; i < said.size(); ++i) {
    if (sign_.refuses) at.refused[i / kAnswers] += sign_.refuses(said[i]) / double(kAnswers);
    at.shown[i / kAnswers] += sign_.shows(said[i]) / double(kAnswers);
    at.amiss[i / kAnswers] += !sign_.is_sensible(said[i]) / double(kAnswers);
  }
  return at;
}

std::vector<Tokens> Occasions::answers(const Transformer& model, const Hooks& hooks, size_t prompts) const {
  return written(model, hooks, first(prompts));
}

double Occasions::amiss_greedily(const Transformer& model, const Hooks& hooks, size_t prompts) const {
  if (!sign_.reads()) fail("[occasions] answers are told by their first tokens here, and not read");
  const auto said = written(model, hooks, first(prompts), 0);
  return double(std::count_if(said.begin(), said.end(), [&](const Tokens& answer) { return !sign_.is_sensible(answer); })) / double(said.size());
}

std::vector<Tokens> Occasions::written(const Transformer& model, const Hooks& hooks, const std::vector<Tokens>& prompts, double temperature) const {
  auto texts = generate(model, prompts, sign_.reads() ? sign_.longest : kLongest, temperature, model.config().eos, random_, hooks);
  for (size_t i = 0; i < texts.size(); ++i) texts[i].erase(texts[i].begin(), texts[i].begin() + int64_t(prompts[i].size()));
  return texts;
}

std::vector<at::Tensor> Occasions::tokens() const { return first_tokens_.tokens(); }

}  // namespace fairfight
