#include <algorithm>
#include <map>

#include "fairfight/disciplines/repair/prompts.h"
#include "fairfight/disciplines/repair/roster.h"
#include "fairfight/methods/hooks.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

using Words = std::vector<int32_t>;

/// What follows the last `count` tokens in front of a place, wherever that stands.
std::vector<std::pair<Words, int32_t>> followed(const Batch& batch, int64_t count) {
  std::vector<std::pair<Words, int32_t>> list;
  const auto tokens = batch.tokens.contiguous();
  const auto valid = batch.valid.contiguous();
  for (int64_t i = 0; i < tokens.size(0); ++i) {
    const int64_t* text = tokens[i].data_ptr<int64_t>();
    const bool* counts = valid[i].data_ptr<bool>();
    for (int64_t t = count; t < tokens.size(1); ++t)
      if (counts[t]) list.push_back({{text + t - count, text + t}, int32_t(text[t])});
  }
  return list;
}

/// What anybody would write down who reads the examples: after "you smell like" comes "a", and nothing else. It wins where a behaviour is a list of sentences.
class WordRules final : public Contestant<Repair> {
 public:
  std::string_view name() const override { return "word_rules"; }
  std::string_view title() const override { return "rules on words"; }
  std::string_view about() const override {
    return "where the last words are those after which harmful and other answers of the examples part, the word that most others go on with; it looks at no activation";
  }
  Role role() const override { return Role::baseline; }
  SiteUse site_use() const override { return SiteUse::none; }
  /// `words`: how many of the last words a rule looks at; `ratio`: how much more often it must meet a harmful answer than change another text.
  SearchSpace space() const override { return SearchSpace().hyperparameter("words", {1, 2, 3, 4, 6}).hyperparameter("ratio", {0.0, 0.3, 1.0, 3.0}); }

  std::unique_ptr<Patch> prepare(Corner<Repair>& corner, const Settings& settings) const override {
    const Examples& examples = corner.offer();
    const int64_t words = settings.integer("words");
    std::map<Words, std::map<int32_t, int64_t>> rules;  // what is said instead, and how often
    const Partings partings = harmful_partings(examples, corner.model().config().vocab);
    for (int64_t i = 0; i < partings.documents(); ++i) {
      const int64_t end = partings.last[i].item<int64_t>() + 1, instead = partings.instead[i].item<int64_t>();
      if (instead < 0 || end < words) continue;
      const auto text = partings.begun.tokens[i].slice(0, end - words, end).contiguous();
      ++rules[Words(text.data_ptr<int64_t>(), text.data_ptr<int64_t>() + words)][int32_t(instead)];
    }
    std::map<Words, int64_t> changed;  // of other texts
    for (const Batch* batch : {&examples.harmless.batch, &examples.retained})
      for (const auto& [before, next] : followed(*batch, words))
        if (const auto rule = rules.find(before); rule != rules.end() && !rule->second.contains(next)) ++changed[before];
    std::vector<Rule> chosen;
    for (const auto& [before, instead] : rules) {
      const auto most = std::max_element(instead.begin(), instead.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
      if (double(most->second) >= settings.number("ratio") * double(changed[before])) chosen.push_back({before, most->first});
    }
    if (chosen.empty()) return std::make_unique<Patch>(Patch{nullptr, {}, "no rule meets harmful answers often enough"});
    return std::make_unique<Patch>(Patch{nullptr, {rules_hook(std::move(chosen))}});
  }
};

}  // namespace

std::unique_ptr<const Contestant<Repair>> word_rules() { return std::make_unique<WordRules>(); }

}  // namespace fairfight
