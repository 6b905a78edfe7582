#include <fmt/format.h>

#include <algorithm>

#include "fairfight/base/error.h"
#include "fairfight/methods/hooks.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

class RulesHook final : public Hook {
 public:
  explicit RulesHook(std::vector<Rule> rules) : rules_(std::move(rules)) {
    for (const Rule& rule : rules_) longest_ = std::max(longest_, rule.after.size());
  }

  std::string_view kind() const override { return "rules"; }
  std::string about() const override { return fmt::format("{} rules which word comes next, after up to {} words", rules_.size(), longest_); }

  Afterwards attach(const Config& config, Taps&) const override {
    for (const Rule& rule : rules_)
      for (const int64_t token : rule.tokens())
        if (token < 0 || token >= config.vocab) fail("[rules] got token {}, the model has {}", token, config.vocab);
    const auto earlier = std::make_shared<Carried>(int64_t(longest_), at::kLong);  // the last tokens of each text, each plus one: 0 is none
    return [this, earlier](ReadOut& said, const Chunk& chunk, const at::Tensor& selected) {
      const int64_t pos = chunk.tokens.size(1), longest = int64_t(longest_);
      const auto text = at::cat({earlier->into(chunk), chunk.tokens + 1}, 1);
      for (const Rule& rule : rules_) {  // where several fit, the longest: it is the last one
        auto fits = at::ones({chunk.tokens.size(0), pos}, at::kBool);
        const int64_t words = int64_t(rule.after.size());
        for (int64_t i = 0; i < words; ++i) fits &= text.narrow(1, longest - words + 1 + i, pos) == rule.after[size_t(i)] + 1;
        said.force(selected.defined() ? fits.gather(1, selected) : fits, rule.next);
      }
      earlier->keep(chunk, text.unfold(1, longest, 1).slice(1, 1));
    };
  }
  Gradient gradient() const override { return Gradient::none; }

  Json settings() const override {
    Json list = Json::array();
    for (const Rule& rule : rules_) list.push_back(rule.tokens());
    return {{"rules", list}};
  }
  Tensors tensors() const override { return {}; }

 private:
  std::vector<Rule> rules_;
  size_t longest_ = 0;
};

std::shared_ptr<const Hook> rebuild_rules(const Json& settings, const Tensors&) {
  Fields fields(settings, "hook.settings");
  std::vector<Rule> rules;
  for (const Json& rule : fields.any("rules")) {
    std::vector<int32_t> tokens;
    for (const Json& token : rule) {
      if (!token.is_number_integer()) fail("[rules] hook.settings.rules: got {}, expected lists of tokens", rule.dump());
      tokens.push_back(token.get<int32_t>());
    }
    if (tokens.size() < 2) fail("[rules] hook.settings.rules: got {}, expected the words before and the one that comes next", rule.dump());
    const int32_t next = tokens.back();
    tokens.pop_back();
    rules.push_back({std::move(tokens), next});
  }
  fields.finish();
  return rules_hook(std::move(rules));
}

}  // namespace

std::vector<int64_t> Rule::tokens() const {
  std::vector<int64_t> all(after.begin(), after.end());
  all.push_back(next);
  return all;
}

std::shared_ptr<const Hook> rules_hook(std::vector<Rule> rules) {
  if (rules.empty()) fail("[rules_hook] there are no rules");
  for (const Rule& rule : rules)
    if (rule.after.empty()) fail("[rules_hook] a rule has no words before the next one");
  std::stable_sort(rules.begin(), rules.end(), [](const Rule& a, const Rule& b) { return a.after.size() < b.after.size(); });
  return std::make_shared<RulesHook>(std::move(rules));
}

extern const HookKind kRules{"rules", rebuild_rules};

}  // namespace fairfight
