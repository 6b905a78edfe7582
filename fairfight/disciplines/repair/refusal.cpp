#include "fairfight/disciplines/repair/refusal.h"

#include <algorithm>
#include <limits>

#include "fairfight/base/stop.h"
#include "fairfight/disciplines/repair/prompts.h"
#include "fairfight/methods/directions.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

constexpr int64_t kChoose = 32;  // examples of each side that the rule looks at, as in the paper, or half of fewer; the others make the means
constexpr int64_t kTokens = 2;   // in front of where answers part: further in front nothing was ever chosen

struct Candidate {
  int64_t layer;
  at::Tensor direction;
};

Answers part_of(const Answers& answers, int64_t from, int64_t to) {
  const auto cut = [&](const at::Tensor& t) { return t.slice(0, from, to); };
  return {{cut(answers.batch.tokens), cut(answers.batch.valid)}, cut(answers.answer), cut(answers.answer_start)};
}

int64_t to_choose(const Answers& answers) { return std::min(kChoose, answers.documents() / 2); }

/// The first examples of each side, which choose, or the others, which make the means.
Examples some_of(const Examples& examples, bool choosing) {
  const auto part = [&](const Answers& answers, int64_t chosen) { return choosing ? part_of(answers, 0, chosen) : part_of(answers, chosen, answers.documents()); };
  Examples some = examples;
  some.harmful = part(examples.harmful, to_choose(examples.harmful));
  some.refused = part(examples.refused, to_choose(examples.harmful));
  some.harmless = part(examples.harmless, to_choose(examples.harmless));
  return some;
}

/// The paper's filter: those places at which the model shows the behaviour (score > 0), or those at which it does not.
Partings filtered(const Partings& partings, const at::Tensor& scores, bool shows) { return rows_of(partings, (shows ? scores > 0 : scores < 0).nonzero().squeeze(1)); }

/// The paper's are at the prompt's end: where the first word tells, that is where the answers part.
std::vector<Candidate> candidates(Corner<Repair>& corner) {
  const Examples examples = some_of(corner.offer(), false);
  const int64_t vocab = corner.model().config().vocab;
  const Partings harmful = harmful_partings(examples, vocab), harmless = harmless_partings(examples, vocab);
  std::vector<Candidate> list;
  if (harmful.documents() == 0 || harmless.documents() == 0) return list;
  for (int64_t layer = 0; layer < corner.model().config().n_layers; ++layer) {
    const Site site{Point::resid_pre, layer};
    const auto bad = corner.model().activations(harmful.begun, site), good = corner.model().activations(harmless.begun, site);
    for (int64_t i = 0; i < kTokens; ++i) {
      const auto r = difference_of_means(rows_before(bad, harmful.last + 1, i), rows_before(good, harmless.last + 1, i));
      if (r.norm().item<double>() > 1e-6) list.push_back({layer, r});  // or the same token stands there everywhere
    }
  }
  return list;
}

/// What the rule wants to know of each candidate, measured where the answers of examples part of which no mean was made. (In the paper that is after the prompt.)
class Search {
 public:
  explicit Search(Corner<Repair>& corner) : corner_(corner) {}

  /// None if the model does not show the behaviour at the harmful prompts, or shows it at all the others.
  std::vector<DirectionScore> run(const std::vector<Candidate>& candidates) {
    const at::NoGradGuard no_grad;
    const Examples examples = some_of(corner_.offer(), true);
    const int64_t vocab = model().config().vocab;
    const auto choose = [&](const Partings& all, bool shows) { return all.documents() == 0 ? all : filtered(all, answer_start_score(behind(all, nullptr, {}), all.harmful), shows); };
    const Partings harmful = choose(harmful_partings(examples, vocab), true), harmless = choose(harmless_partings(examples, vocab), false);
    if (harmful.documents() == 0 || harmless.documents() == 0) return {};
    const auto own = behind(harmless, nullptr, {});
    std::vector<DirectionScore> scores;
    for (const auto& c : candidates) {
      check_stop();
      scores.push_back(score(harmful, harmless, own, c.layer, c.direction));
    }
    return scores;
  }

 private:
  const Transformer& model() const { return corner_.model().transformer(); }

  /// log p(next token) there, [docs, vocab] float64.
  at::Tensor behind(const Partings& partings, const Hook* hook, Taps taps) const {
    taps.only_at(partings.last);
    const auto logits = hook ? hook->logits(model(), partings.begun.tokens, taps) : model().logits(partings.begun.tokens, taps);
    return logits.squeeze(1).to(at::kDouble).log_softmax(-1);
  }

  DirectionScore score(const Partings& harmful, const Partings& harmless, const at::Tensor& own, int64_t layer, const at::Tensor& r) const {
    const auto ablation = ablation_hook(model().config(), r);
    const auto mean_score = [&](const Partings& at, const at::Tensor& log_p) { return answer_start_score(log_p, at.harmful).mean().item<double>(); };
    const auto ablated = behind(harmless, ablation.get(), {});
    const auto added = behind(harmless, nullptr, Taps().edit({Point::resid_pre, layer}, [r = r.to(at::kFloat)](const at::Tensor& x) { return x + r; }));
    return {layer, mean_score(harmful, behind(harmful, ablation.get(), {})), mean_score(harmless, added), (own.exp() * (own - ablated)).sum(-1).mean().item<double>()};
  }

  Corner<Repair>& corner_;
};

}  // namespace

SearchSpace refusal_space() {
  return SearchSpace().hyperparameter("divergence", {0.05, 0.1, 0.2, 0.5, 1.0}).log_uniform("strength", 0.2, 2);
}

std::optional<at::Tensor> refusal_direction_of(Corner<Repair>& corner, const Settings& settings) {
  for (const auto* side : {&corner.offer().harmful, &corner.offer().harmless})
    if (to_choose(*side) == 0) return {};
  const auto list = candidates(corner);
  if (list.empty()) return {};
  const auto& scores = corner.memo().get<std::vector<DirectionScore>>("refusal direction", [&] { return Search(corner).run(list); });
  if (scores.empty()) return {};
  const int64_t layers = corner.model().config().n_layers;
  auto chosen = select_direction(scores, layers, settings.number("divergence"));
  if (!chosen) chosen = select_direction(scores, layers, std::numeric_limits<double>::infinity());
  return list[chosen.value_or(0)].direction;
}

}  // namespace fairfight
