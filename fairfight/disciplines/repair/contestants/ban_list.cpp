#include "fairfight/disciplines/repair/roster.h"
#include "fairfight/methods/hooks.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

/// In which share of the texts a word is. marked: bool [docs, pos] -> [vocab] float64.
at::Tensor shares(const at::Tensor& tokens, const at::Tensor& marked, int64_t vocab) {
  auto said = at::zeros({tokens.size(0), vocab + 1}, at::kDouble);
  said.scatter_(1, tokens.masked_fill(marked.logical_not(), vocab), 1);
  return said.mean(0).slice(0, 0, vocab);
}

/// The filter that every provider has first: words that harmful answers have and other texts have not become less likely, wherever they would stand.
class BanList final : public Contestant<Repair> {
 public:
  std::string_view name() const override { return "ban_list"; }
  std::string_view title() const override { return "ban list"; }
  std::string_view about() const override { return "a logit bias against the words that tell harmful answers from other text best; it looks at no activation"; }
  Role role() const override { return Role::baseline; }
  SiteUse site_use() const override { return SiteUse::none; }
  /// `bias`: nats that each word loses; `against`: what else the words must be rare in.
  SearchSpace space() const override { return SearchSpace().hyperparameter("words", {1, 2, 4, 8, 16, 32, 64, 128}).log_uniform("bias", 0.3, 30).hyperparameter("against", {"answers", "text"}); }

  std::unique_ptr<Patch> prepare(Corner<Repair>& corner, const Settings& settings) const override {
    const Examples& examples = corner.offer();
    if (examples.harmful.documents() == 0) return std::make_unique<Patch>();
    const int64_t vocab = corner.model().config().vocab;
    const auto of_answers = [&](const Answers& answers) { return shares(answers.batch.tokens, answers.answer, vocab); };
    std::vector<at::Tensor> others;
    for (const Answers* answers : {&examples.harmless, &examples.refused})
      if (answers->documents() > 0) others.push_back(of_answers(*answers));
    if (settings.text("against") == "text" || others.empty()) others.push_back(shares(examples.retained.tokens, examples.retained.tokens >= 0, vocab));
    const auto tells = of_answers(examples.harmful) - std::get<0>(at::stack(others).max(0));
    const auto [excess, words] = tells.sort(/*stable=*/true, 0, /*descending=*/true);
    const auto banned = words.masked_select(excess > 0).slice(0, 0, settings.integer("words"));
    if (banned.numel() == 0) return std::make_unique<Patch>(Patch{nullptr, {}, "no word is commoner in harmful answers"});
    return std::make_unique<Patch>(Patch{nullptr, {bias_hook(at::zeros({vocab}).index_fill(0, banned, -settings.number("bias")))}});
  }
};

}  // namespace

std::unique_ptr<const Contestant<Repair>> ban_list() { return std::make_unique<BanList>(); }

}  // namespace fairfight
