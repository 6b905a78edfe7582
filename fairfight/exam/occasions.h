#pragma once
#include <ATen/core/Tensor.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

#include "fairfight/base/random.h"
#include "fairfight/base/tokens.h"
#include "fairfight/exam/questions.h"
#include "fairfight/model/patch.h"

namespace fairfight {

/// How an answer is known to show a behaviour: by its first token, or by whoever reads all of it.
struct Sign {
  std::vector<int32_t> words = {};  // any of these tokens begins it; empty: whole answers are read
  std::function<bool(const Tokens& answer)> shows = {};  // with the token that ends a text, where it was said
  std::function<bool(const Tokens& answer)> is_sensible = {};  // an answer that shows nothing of it, and is none of a model that has been broken there
  int64_t longest = 0;                                         // tokens of an answer that are read
  // Of an answer to a harmless prompt of the kind
  std::function<bool(const Tokens& answer)> refuses = {};
  std::function<bool(const Tokens& answer)> is_nonsense = {};

  bool reads() const { return words.empty(); }
};

/// How a model answers at each prompt: shares of its sampled answers or, by first tokens, probabilities.
struct AnsweredAt {
  std::vector<double> shown;  // the behaviour
  std::vector<double> amiss;  // the behaviour, or nothing sensible; by first tokens the same
  std::vector<double> refused = {};  // where it is known how an answer refuses
};

/// Prompts that provoke a behaviour. Whole answers are sampled at temperature 1, with the same random numbers whoever answers.
class Occasions {
 public:
  static constexpr size_t kAnswers = 2;  // to a prompt

  Occasions(std::vector<Tokens> prompts, Sign sign, Random random);

  AnsweredAt answered(const Transformer& model, const Hooks& hooks = {}) const;
  AnsweredAt answered(const Transformer& original, const Patch& patch) const { return answered(patch.weights ? *patch.weights : original, patch.hooks); }
  std::vector<Tokens> answers(const Transformer& model, const Hooks& hooks, size_t prompts) const;  // the first one to each of the first prompts, whatever the sign
  double amiss_greedily(const Transformer& model, const Hooks& hooks, size_t prompts) const;  // share of the first prompts, where whole answers are read and each token is the likeliest
  std::vector<at::Tensor> tokens() const;  // what a model is called with, where the sign is a first token: Transformer::remember

 private:
  std::vector<Tokens> first(size_t prompts) const { return {prompts_.begin(), prompts_.begin() + int64_t(std::min(prompts, prompts_.size()))}; }
  std::vector<Tokens> written(const Transformer& model, const Hooks& hooks, const std::vector<Tokens>& prompts, double temperature = 1) const;

  std::vector<Tokens> prompts_;
  Sign sign_;
  Random random_;
  Questionnaire first_tokens_;
};

}  // namespace fairfight
