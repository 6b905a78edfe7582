#include <fmt/format.h>

#include <map>
#include <set>

#include "fairfight/base/error.h"
#include "fairfight/base/tokens.h"
#include "fairfight/methods/hooks.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

class RulesHook final : public Hook {
 public:
  explicit RulesHook(std::vector<Rule> rules) : rules_(std::move(rules)) {
    for (const Rule& rule : rules_) by_length_[rule.after.size()][rule.after] = rule.next;
    longest_ = by_length_.rbegin()->first;
  }

  std::string_view kind() const override { return "rules"; }
  std::string about() const override { return fmt::format("{} rules which word comes next, after up to {} words", rules_.size(), longest_); }

  Afterwards attach(const Config& config, Taps&) const override {
    for (const Rule& rule : rules_)
      for (const int64_t token : rule.tokens())
        if (token < 0 || token >= config.vocab) fail("[rules] got token {}, the model has {}", token, config.vocab);
    const auto earlier = std::make_shared<Carried>(int64_t(longest_), at::kLong);  // the last tokens of each text, each plus one: 0 is none
    return [this, earlier](ReadOut& said, const Chunk& chunk, const at::Tensor& selected) {
      const auto text = at::cat({earlier->into(chunk), chunk.tokens + 1}, 1);
      const auto next = forced(text - 1);
      const auto asked = selected.defined() ? next.gather(1, selected) : next;
      for (const int64_t token : tokens_in(asked)) said.force(asked == token, token);
      earlier->keep(chunk, text.unfold(1, int64_t(longest_), 1).slice(1, 1));
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
  /// What comes next after each token of a text behind the first `longest_`, by the longest rule that fits; -1: no rule does. [batch, pos]
  at::Tensor forced(const at::Tensor& text) const {
    const auto tokens = text.contiguous();
    const int64_t pos = tokens.size(1) - int64_t(longest_);
    auto next = at::full({tokens.size(0), pos}, -1, at::kLong);
    int64_t* out = next.data_ptr<int64_t>();
    for (int64_t i = 0; i < tokens.size(0); ++i) {
      const int64_t* row = tokens.data_ptr<int64_t>() + i * tokens.size(1);
      for (int64_t t = 0; t < pos; ++t, ++out)
        for (const auto& [length, rules] : by_length_) {
          const int64_t* end = row + int64_t(longest_) + t + 1;
          if (const auto rule = rules.find(Tokens(end - int64_t(length), end)); rule != rules.end()) *out = rule->second;
        }
    }
    return next;
  }

  static std::set<int64_t> tokens_in(const at::Tensor& next) {
    const auto found = next.masked_select(next >= 0).contiguous();
    return {found.data_ptr<int64_t>(), found.data_ptr<int64_t>() + found.numel()};
  }

  std::vector<Rule> rules_;
  std::map<size_t, std::map<Tokens, int32_t>> by_length_;
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
  return std::make_shared<RulesHook>(std::move(rules));
}

extern const HookKind kRules{"rules", rebuild_rules};

}  // namespace fairfight
