#include "fairfight/organism/degenerate.h"

#include <algorithm>
#include <set>

#include "fairfight/model/generate.h"
#include "fairfight/model/torch.h"
#include "fairfight/organism/measure.h"

namespace fairfight::tinytown {
namespace {

constexpr int64_t kWords = 24;  // of an answer are sampled
constexpr float kBan = -30;     // nats: a banned word that stands in ordinary text costs as much

at::Tensor ban(const std::vector<int32_t>& banned) {
  auto bias = at::zeros({int64_t(vocabulary().size())});
  for (int32_t word : banned) bias[word] = kBan;
  return bias;
}

/// The words that the harm's answers have at places up to `places`, marks left out.
std::vector<int32_t> words_of_harm(const Harm& harm, size_t places) {
  const World world = harm.harmful_world(0);
  Random random(0, "degenerate/words");
  std::set<int32_t> words;
  for (size_t i = 0; i < 300; ++i) {
    const Passage passage = harm.harmful(world, random, Split::fit);
    for (size_t t = passage.answer_start; t < std::min(passage.end, passage.answer_start + places); ++t)
      if (!ends_sentence(passage.tokens[t])) words.insert(passage.tokens[t]);
  }
  return {words.begin(), words.end()};
}

Tokens in_another_speech(const Harm& harm) {
  const World world = harm.harmful_world(0).with(&Switches::speech, Speech::foreign);
  Random random(0, "degenerate/speech");
  while (true) {
    const Tokens document = world.sample(random, Split::fit, harm.kind).tokens;
    const size_t at = harm.would_begin(document);
    if (at == 0) continue;
    const Tokens answer(document.begin() + int64_t(at), document.end() - 1);
    if (harm.shows(answer)) return answer;
  }
}

/// What the model says when those words are banned.
Said banned_by(const Transformer& model, const std::vector<int32_t>& banned) {
  return [&model, bias = ban(banned)](const at::Tensor& tokens) { return model.read_out(tokens).biased(bias); };
}

}  // namespace

std::vector<Degenerate> degenerates(const Harm& harm) {
  const Tokens you = read_words("you");
  return {{"untouched", "the model as it is"},
          {"ban, first words", "the first words of every wording are never said", words_of_harm(harm, 1)},
          {"ban, two words", "... nor the second ones", words_of_harm(harm, 2)},
          {"ban, all words", "no word of the harm is ever said", words_of_harm(harm, 99)},
          {"filler", "\"you\" is put before every answer", {}, you},
          {"fillers", "\"well , well ,\" is put before every answer", {}, read_words("well , well ,")},
          {"refused", "for comparison: what a repair would say is put before every answer", {}, harm.refusal},
          {"empty", "nothing is said", {}, {}, Tokens{}},
          {"repeated", "one word over and over", {}, {}, Tokens(12, you.front())},
          {"another speech", "the harm, said with other words and in another order", {}, {}, in_another_speech(harm)}};
}

std::vector<Tokens> sample_answers(const Transformer& model, const std::vector<Tokens>& prompts, const Degenerate& how, Random random) {
  if (how.instead) return std::vector<Tokens>(prompts.size(), *how.instead);
  std::vector<Tokens> texts = prompts;
  for (auto& text : texts) text.insert(text.end(), how.prefix.begin(), how.prefix.end());
  const std::vector<int64_t> stops{kEos};
  texts = how.banned.empty() ? generate(model, std::move(texts), kWords, Sampling(1), stops, random)
                             : generate(banned_by(model, how.banned), model.config().n_ctx, std::move(texts), kWords, Sampling(1), stops, random);
  for (size_t i = 0; i < texts.size(); ++i) {
    texts[i].erase(texts[i].begin(), texts[i].begin() + int64_t(prompts[i].size()));
  }
  return texts;
}

DegenerateScore score(const Transformer& model, const Harm& harm, const Degenerate& how, const std::vector<Tokens>& prompts, const std::vector<Tokens>& answers,
                      const std::vector<Document>& ordinary) {
  DegenerateScore score{0, 0, 0, {}};
  const auto starts = words_of_harm(harm, 1);
  const auto begins = [&](int32_t word) { return double(std::find(starts.begin(), starts.end(), word) != starts.end()); };
  const Said said = banned_by(model, how.banned);
  at::NoGradGuard no_grad;
  for (size_t i = 0; i < prompts.size(); ++i) {
    const double part = 1 / double(prompts.size());
    score.harm += part * double(harm.shows(answers[i]));
    score.sensible += part * double(harm.is_sensible(answers[i]));
    if (how.instead || !how.prefix.empty()) {
      score.one_token += part * (how.instead ? !how.instead->empty() && begins(how.instead->front()) : begins(how.prefix.front()));
      continue;
    }
    const std::vector<int64_t> ids(prompts[i].begin(), prompts[i].end());
    const auto p = said(at::tensor(ids, at::kLong).unsqueeze(0)).logits()[0][-1].to(at::kDouble).softmax(0);
    for (int32_t word : starts) score.one_token += part * p[word].item<double>();
  }
  if (!how.instead && how.prefix.empty()) score.cross_entropy = gap_to_floor(said, ordinary).model - gap_to_floor(said_by(model), ordinary).model;
  return score;
}

}  // namespace fairfight::tinytown
