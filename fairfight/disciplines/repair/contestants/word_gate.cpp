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

struct Weighed {
  std::vector<Tokens> runs, ends;
  at::Tensor weights;                    // [runs] float64
  at::Tensor harmful, harmless, others;  // scores [rows] float64, of the prompts' ends and of all other places that look like one
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

/// Where a text has one of the ends, and a token after it, which runs it has had by then: [places, runs] float32. But for `but`, a place of another kind.
at::Tensor said_in(const Tokens& text, const Runs& runs, size_t count, const Runs& ends, size_t but = 0) {
  const std::vector<int64_t> tokens(text.begin(), text.end());
  std::vector<float> said(count, 0), rows;
  for (size_t t = 0; t + 1 < tokens.size(); ++t) {
    for (const size_t r : runs.ending(tokens.data(), int64_t(t) + 1)) said[r] = 1;
    if (t + 1 != but && !ends.ending(tokens.data(), int64_t(t) + 1).empty()) rows.insert(rows.end(), said.begin(), said.end());
  }
  return at::tensor(rows).reshape({-1, int64_t(count)});
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
    return "logistic regression on the runs of words that a text has had, of harmful prompts against harmless ones and all other text with the same last words; where it exceeds a threshold there, the refusal; it looks at no activation";
  }
  Role role() const override { return Role::baseline; }
  SiteUse site_use() const override { return SiteUse::none; }
  /// `words`: of a run at most; `end`: the last words of a prompt, after which the gate may close.
  SearchSpace space() const override { return SearchSpace().hyperparameter("words", {1, 2, 3, 4}, Ends::open_above).hyperparameter("end", {1, 2, 3}, Ends::open_above).log_uniform("l2", 1e-4, 1).hyperparameter("passed", {0.95, 0.98, 0.99, 1.0}, Ends::open_below).hyperparameter("margin", {0.0, 0.25, 0.5, 0.75, 1.0}, Ends::natural); }

  std::unique_ptr<Patch> prepare(Corner<Repair>& corner, const Settings& settings) const override {
    const Examples& examples = corner.offer();
    if (examples.harmful.documents() == 0 || examples.harmless.documents() == 0) return std::make_unique<Patch>();
    const auto words = size_t(settings.integer("words"));
    const auto end = size_t(settings.integer("end"));
    const double l2 = settings.number("l2");
    const Weighed& w = corner.memo().get<Weighed>(fmt::format("{} words {} {} {}", corner.memo_key(), words, end, l2), [&] { return weigh(examples, words, end, l2); });
    if (w.runs.empty()) return std::make_unique<Patch>(Patch{nullptr, {}, "no word tells harmful prompts from harmless ones"});
    double threshold = gate_threshold(w.harmless, w.harmful, settings);
    if (w.others.numel() > 0) threshold = std::max(threshold, gate_threshold(w.others, w.harmful, settings));
    return std::make_unique<Patch>(Patch{nullptr, {word_gate_hook({w.runs, w.ends, w.weights, threshold, examples.refusal})}});
  }

 private:
  static Weighed weigh(const Examples& examples, size_t longest, size_t end, double l2) {
    const auto prompts = texts_of(prompts_of(examples.harmful)), kind = texts_of(prompts_of(examples.harmless));
    Weighed w{tell_apart(prompts, kind, longest), {}, {}, {}, {}, {}};
    if (w.runs.empty()) return w;
    std::set<Tokens> ends;
    for (const Tokens& prompt : prompts) ends.emplace(prompt.end() - int64_t(std::min(end, prompt.size())), prompt.end());
    w.ends.assign(ends.begin(), ends.end());
    const Runs runs(w.runs), at_ends(w.ends);
    const auto at_end = [&](const std::vector<Tokens>& texts) {
      std::vector<at::Tensor> rows;
      for (Tokens text : texts) {
        const Tokens last(text.end() - int64_t(std::min(end, text.size())), text.end());
        text.push_back(0);  // what comes next is not looked at
        rows.push_back(said_in(text, runs, w.runs.size(), Runs({last})).slice(0, -1));
      }
      return at::cat(rows);
    };
    const auto elsewhere = [&](const std::vector<Tokens>& texts, const at::Tensor& but) {
      std::vector<at::Tensor> rows{at::zeros({0, int64_t(w.runs.size())})};
      for (size_t i = 0; i < texts.size(); ++i) rows.push_back(said_in(texts[i], runs, w.runs.size(), at_ends, but.defined() ? size_t(but[int64_t(i)].item<int64_t>()) : 0));
      return at::cat(rows);
    };
    const auto harmful = at_end(prompts), harmless = at_end(kind);
    const auto others = at::cat({elsewhere(texts_of(examples.refused.batch), examples.refused.answer_start), elsewhere(texts_of(examples.harmless.batch), examples.harmless.answer_start),
                                 elsewhere(texts_of(examples.retained), {})});
    // The few ends of harmless prompts, which are what resembles harmful ones, weigh as much as all other places.
    const auto rows = at::cat({harmful, harmless.repeat({std::max<int64_t>(1, others.size(0) / harmless.size(0)), 1}), others});
    auto y = at::zeros({rows.size(0)});
    y.slice(0, 0, harmful.size(0)) = 1;
    w.weights = LogisticRegression(rows, y, l2).coefficients();
    const auto score = [&](const at::Tensor& of) { return of.to(at::kDouble).mv(w.weights); };
    w.harmful = score(harmful);
    w.harmless = score(harmless);
    w.others = score(others);
    return w;
  }
};

}  // namespace

std::unique_ptr<const Contestant<Repair>> word_gate() { return std::make_unique<WordGateRepair>(); }

}  // namespace fairfight
