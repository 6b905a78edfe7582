#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "fairfight/disciplines/repair/prompts.h"
#include "fairfight/disciplines/repair/roster.h"
#include "fairfight/methods/hooks.h"
#include "fairfight/methods/logistic.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

constexpr size_t kRuns = 300;        // that tell harmful prompts from harmless ones best
constexpr int64_t kRetained = 8192;  // places in retained text that it learns from; its threshold comes from all

/// What a classifier makes of both sides.
struct Weighed {
  std::vector<Tokens> runs;
  at::Tensor weights;          // [2 runs] float64
  at::Tensor harmful, others;  // scores [rows] float64
};

/// How many of the texts have a run of at most so many words.
std::map<Tokens, double> shares_of(const std::vector<Tokens>& texts, size_t longest) {
  std::map<Tokens, double> shares;
  for (const Tokens& text : texts) {
    std::set<Tokens> runs;
    for (size_t from = 1; from < text.size(); ++from)
      for (size_t n = 1; n <= std::min(longest, text.size() - from); ++n) runs.emplace(text.begin() + int64_t(from), text.begin() + int64_t(from + n));
    for (const Tokens& run : runs) shares[run] += 1 / double(texts.size());
  }
  return shares;
}

std::vector<Tokens> tell_apart(const std::vector<Tokens>& harmful, const std::vector<Tokens>& harmless, size_t longest) {
  auto difference = shares_of(harmful, longest);
  for (const auto& [run, share] : shares_of(harmless, longest)) difference[run] -= share;
  std::vector<std::pair<double, Tokens>> order;
  for (const auto& [run, share] : difference) order.push_back({-std::abs(share), run});
  const auto end = order.begin() + int64_t(std::min(kRuns, order.size()));
  std::partial_sort(order.begin(), end, order.end());
  std::vector<Tokens> runs;
  for (auto one = order.begin(); one != end; ++one) runs.push_back(one->second);
  return runs;
}

/// Of each token of a text whether each run has been said by then, and whether just then: [tokens, 2 runs] float32.
at::Tensor said_in(const Tokens& text, const Runs& runs, size_t count) {
  const std::vector<int64_t> tokens(text.begin(), text.end());
  const auto said = at::zeros({int64_t(tokens.size()), 2 * int64_t(count)});
  auto rows = said.accessor<float, 2>();
  for (size_t t = 0; t < tokens.size(); ++t) {
    for (size_t r = 0; t > 0 && r < count; ++r) rows[int64_t(t)][int64_t(r)] = rows[int64_t(t) - 1][int64_t(r)];
    for (const size_t r : runs.ending(tokens.data(), int64_t(t) + 1)) rows[int64_t(t)][int64_t(r)] = rows[int64_t(t)][int64_t(count + r)] = 1;
  }
  return said;
}

std::vector<Tokens> texts_of(const Batch& batch) {
  std::vector<Tokens> texts;
  for (int64_t i = 0; i < batch.documents(); ++i) texts.push_back(part_of(batch.tokens, i, 0, (batch.tokens[i] != kPadding).sum().item<int64_t>()));
  return texts;
}

/// What guards products today: a classifier of the text that a model is asked, beside the model.
class WordGateRepair final : public Contestant<Repair> {
 public:
  std::string_view name() const override { return "word_gate"; }
  std::string_view title() const override { return "words and refusal"; }
  std::string_view about() const override {
    return "logistic regression on the runs of words that a text has had, harmful prompts against all other text; where it exceeds a threshold, the refusal; it looks at no activation";
  }
  Role role() const override { return Role::baseline; }
  SiteUse site_use() const override { return SiteUse::none; }
  SearchSpace space() const override {
    return SearchSpace().hyperparameter("words", {1, 2, 3}).hyperparameter("l2", {1e-3, 1e-2}).hyperparameter("passed", {0.999, 1.0}).hyperparameter("margin", {0.0, 0.5});
  }

  std::unique_ptr<Patch> prepare(Corner<Repair>& corner, const Settings& settings) const override {
    const Examples& examples = corner.offer();
    if (examples.harmful.documents() == 0) return std::make_unique<Patch>();
    const auto words = size_t(settings.integer("words"));
    const double l2 = settings.number("l2");
    const Weighed& w = corner.memo().get<Weighed>(fmt::format("{} words {} {}", corner.memo_key(), words, l2), [&] { return weigh(examples, words, l2); });
    if (w.runs.empty()) return std::make_unique<Patch>(Patch{nullptr, {}, "no word tells harmful prompts from harmless ones"});
    const double threshold = gate_threshold(w.harmful, w.others, settings);
    return std::make_unique<Patch>(Patch{nullptr, {word_gate_hook({w.runs, w.weights, threshold, examples.refusal})}});
  }

 private:
  static Weighed weigh(const Examples& examples, size_t longest, double l2) {
    const auto prompts = texts_of(prompts_of(examples.harmful));
    Weighed weighed{tell_apart(prompts, texts_of(prompts_of(examples.harmless)), longest), {}, {}, {}};
    const size_t count = weighed.runs.size();
    if (count == 0) return weighed;
    const Runs runs(weighed.runs);
    const auto x = [&](const std::vector<Tokens>& texts, auto rows) {
      std::vector<at::Tensor> list;
      for (size_t i = 0; i < texts.size(); ++i) list.push_back(rows(said_in(texts[i], runs, count), int64_t(i)));
      return at::cat(list);
    };
    const auto harmful = x(prompts, [](const at::Tensor& said, int64_t) { return said.slice(0, -1); });
    const auto inside = [](const at::Tensor& said, int64_t) { return said.slice(0, 1, -1); };  // tokens with one after them
    const auto refused = x(texts_of(examples.refused.batch), [&](const at::Tensor& said, int64_t i) {
      const int64_t end = examples.refused.answer_start[i].item<int64_t>();
      return at::cat({said.slice(0, 1, end - 1), said.slice(0, end, -1)});
    });
    const auto near = at::cat({refused, x(texts_of(examples.harmless.batch), inside)});
    const auto retained = texts_of(examples.retained);
    const int64_t stride = std::max<int64_t>(1, examples.retained.valid.sum().item<int64_t>() / kRetained);
    int64_t seen = 0;
    const auto some = x(retained, [&](const at::Tensor& said, int64_t i) {
      const auto rows = inside(said, i);
      const int64_t from = (stride - seen % stride) % stride;
      seen += rows.size(0);
      return rows.slice(0, std::min(from, rows.size(0)), {}, stride);
    });
    const auto all = at::cat({harmful, near, some});
    auto y = at::zeros({all.size(0)});
    y.slice(0, 0, harmful.size(0)) = 1;
    weighed.weights = LogisticRegression(all, y, l2).coefficients();
    const auto score = [&](const at::Tensor& rows) { return rows.to(at::kDouble).mv(weighed.weights); };
    weighed.harmful = score(harmful);
    weighed.others = at::cat({score(near), x(retained, [&](const at::Tensor& said, int64_t i) { return score(inside(said, i)); })});
    return weighed;
  }
};

}  // namespace

std::unique_ptr<const Contestant<Repair>> word_gate() { return std::make_unique<WordGateRepair>(); }

}  // namespace fairfight
