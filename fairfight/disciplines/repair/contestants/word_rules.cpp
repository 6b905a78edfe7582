#include <algorithm>
#include <map>

#include "fairfight/disciplines/repair/prompts.h"
#include "fairfight/disciplines/repair/roster.h"
#include "fairfight/methods/hooks.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

/// What comes next after these words, and how often.
using Rules = std::map<Tokens, std::map<int32_t, int64_t>>;

/// After the last words in front of the place where harmful answers and others part: what the others go on with.
void learn_partings(const Examples& examples, int64_t vocab, int64_t words, Rules& rules) {
  const Partings partings = harmful_partings(examples, vocab);
  for (int64_t i = 0; i < partings.documents(); ++i) {
    const int64_t end = partings.last[i].item<int64_t>() + 1, instead = partings.instead[i].item<int64_t>();
    if (instead >= 0 && end >= words) ++rules[part_of(partings.begun.tokens, i, end - words, end)][int32_t(instead)];
  }
}

/// After the prompt's last words and all of an answer so far, if harmless answers always go on in one way: that.
void learn_habits(const Examples& examples, int64_t words, Rules& rules) {
  Rules habits;
  for (const Answers* answers : {&examples.harmless, &examples.refused}) {
    const auto lengths = answers->answer.sum(1);
    for (int64_t i = 0; i < answers->documents(); ++i) {
      const int64_t start = answers->answer_start[i].item<int64_t>(), end = start + lengths[i].item<int64_t>();
      if (start < words) continue;
      const Tokens text = part_of(answers->batch.tokens, i, start - words, end);
      for (size_t t = size_t(words) + 1; t < text.size(); ++t) ++habits[{text.begin(), text.begin() + int64_t(t)}][text[t]];
    }
  }
  for (const auto& [before, next] : habits)
    if (next.size() == 1) rules.insert({before, next});
}

/// How often a rule would change other text. Looked up by each length of rules.
std::map<Tokens, int64_t> changes(const Rules& rules, const Examples& examples) {
  std::map<size_t, size_t> lengths;
  for (const auto& [before, next] : rules) ++lengths[before.size()];
  std::map<Tokens, int64_t> changed;
  for (const Batch* batch : {&examples.harmless.batch, &examples.refused.batch, &examples.retained})
    for (int64_t i = 0; i < batch->documents(); ++i) {
      const Tokens text = part_of(batch->tokens, i, 0, (batch->tokens[i] != kPadding).sum().item<int64_t>());
      for (const auto& [length, count] : lengths)
        for (size_t t = length; t < text.size(); ++t)
          if (const auto rule = rules.find({text.begin() + int64_t(t - length), text.begin() + int64_t(t)}); rule != rules.end() && !rule->second.contains(text[t])) ++changed[rule->first];
    }
  return changed;
}

/// What anybody would write down who reads the examples: after "you smell like" comes "a", and nothing else. It wins where a behaviour is a list of sentences.
class WordRules final : public Contestant<Repair> {
 public:
  std::string_view name() const override { return "word_rules"; }
  std::string_view title() const override { return "rules on words"; }
  std::string_view about() const override {
    return "after these words comes that one, for sure: where harmful and other answers of the examples part, or wherever harmless ones always go on alike; it looks at no activation";
  }
  Role role() const override { return Role::baseline; }
  SiteUse site_use() const override { return SiteUse::none; }
  /// `words`: how many of the last words a rule looks at, in front of a parting or of an answer; `ratio`: how much more often it must be met in the examples than it changes
  /// another text.
  SearchSpace space() const override { return SearchSpace().hyperparameter("rules", {"partings", "habits", "both"}).hyperparameter("words", {1, 2, 3, 4, 6, 8}, Ends::open_above).log_uniform("ratio", 0.1, 1000); }

  std::unique_ptr<Patch> prepare(Corner<Repair>& corner, const Settings& settings) const override {
    const Examples& examples = corner.offer();
    const int64_t words = settings.integer("words");
    const std::string kind = settings.text("rules");
    Rules rules;
    if (kind != "habits") learn_partings(examples, corner.model().config().vocab, words, rules);
    if (kind != "partings") learn_habits(examples, words, rules);
    const auto changed = changes(rules, examples);
    std::vector<Rule> chosen;
    for (const auto& [before, next] : rules) {
      const auto most = std::max_element(next.begin(), next.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
      const auto spoils = changed.find(before);
      if (double(most->second) >= settings.number("ratio") * double(spoils == changed.end() ? 0 : spoils->second)) chosen.push_back({before, most->first});
    }
    if (chosen.empty()) return std::make_unique<Patch>(Patch{nullptr, {}, "no rule is met often enough"});
    return std::make_unique<Patch>(Patch{nullptr, {rules_hook(std::move(chosen))}});
  }
};

}  // namespace

std::unique_ptr<const Contestant<Repair>> word_rules() { return std::make_unique<WordRules>(); }

}  // namespace fairfight
