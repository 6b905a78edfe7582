#include <fmt/format.h>

#include <algorithm>

#include "fairfight/base/error.h"
#include "fairfight/base/tokens.h"
#include "fairfight/methods/hooks.h"
#include "fairfight/methods/hooks/begun_refusal.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

class WordGateHook final : public Hook {
 public:
  explicit WordGateHook(WordGate gate) : gate_(std::move(gate)), runs_(gate_.runs), ends_(gate_.ends), longest_(std::max(runs_.longest(), ends_.longest())), refusal_(gate_.refusal), weights_(gate_.weights.data_ptr<double>(), gate_.weights.data_ptr<double>() + gate_.weights.numel()) {}

  std::string_view kind() const override { return "word_gate"; }
  std::string about() const override { return fmt::format("where {} runs of words so far weigh more than {:.4g} at one of {} ends, the refusal of {} tokens", gate_.runs.size(), gate_.threshold, gate_.ends.size(), gate_.refusal.size()); }

  Afterwards attach(const Config& config, Taps&) const override {
    for (const auto* list : {&gate_.runs, &gate_.ends})
      for (const Tokens& run : *list)
        for (const int64_t token : run)
          if (token < 0 || token >= config.vocab) fail("[word_gate] got token {}, the model has {}", token, config.vocab);
    refusal_.check(config);
    const auto earlier = std::make_shared<Carried>(int64_t(longest_), at::kLong);      // the last tokens of each text, each plus one: 0 is none
    const auto said_before = std::make_shared<Carried>(int64_t(gate_.runs.size()), at::kBool);
    return [this, earlier, said_before, pass = refusal_.pass()](ReadOut& said, const Chunk& chunk, const at::Tensor& selected) {
      const auto text = at::cat({earlier->into(chunk), chunk.tokens + 1}, 1);
      const auto before = said_before->into(chunk).contiguous();
      auto now = before.unsqueeze(1).repeat({1, chunk.tokens.size(1), 1});
      const auto here = closes(text - 1, now);
      pass->say(said, chunk, selected, here);
      earlier->keep(chunk, text.unfold(1, int64_t(longest_), 1).slice(1, 1));
      said_before->keep(chunk, now);
    };
  }
  Gradient gradient() const override { return Gradient::none; }

  Json settings() const override { return {{"runs", gate_.runs}, {"ends", gate_.ends}, {"threshold", gate_.threshold}, {"refusal", gate_.refusal}}; }
  Tensors tensors() const override { return {{"weights", gate_.weights}}; }

 private:
  /// Whether the gate closes after each token of a text behind the first `longest_`: [batch, pos] bool. `said` [batch, pos, runs]: as it was before the chunk, and becomes as it
  /// is behind each token.
  at::Tensor closes(const at::Tensor& text, at::Tensor& said) const {
    const auto tokens = text.contiguous();
    const auto longest = int64_t(longest_);
    const int64_t pos = tokens.size(1) - longest, runs = said.size(2);
    const auto closed = at::empty({tokens.size(0), pos}, at::kBool);
    bool *out = closed.data_ptr<bool>(), *has = said.data_ptr<bool>();
    for (int64_t i = 0; i < tokens.size(0); ++i) {
      const int64_t* row = tokens.data_ptr<int64_t>() + i * tokens.size(1);
      double sum = 0;
      for (int64_t r = 0; r < runs && pos > 0; ++r) sum += has[r] ? weights_[size_t(r)] : 0;
      for (int64_t t = 0; t < pos; ++t, has += runs, ++out) {
        if (t > 0) std::copy_n(has - runs, runs, has);
        for (const size_t r : runs_.ending(row, longest + t + 1)) {
          if (!has[r]) sum += weights_[r];
          has[r] = true;
        }
        *out = sum > gate_.threshold && !ends_.ending(row, longest + t + 1).empty();
      }
    }
    return closed;
  }

  WordGate gate_;
  Runs runs_, ends_;
  size_t longest_;
  BegunRefusal refusal_;
  std::vector<double> weights_;
};

std::shared_ptr<const Hook> rebuild_word_gate(const Json& settings, const Tensors& tensors) {
  Fields fields(settings, "hook.settings");
  const auto runs = [&](const char* key) {
    std::vector<Tokens> list;
    for (const Json& run : fields.any(key)) {
      if (!run.is_array() || !std::all_of(run.begin(), run.end(), [](const Json& token) { return token.is_number_integer(); }))
        fail("[word_gate] hook.settings.{}: got {}, expected lists of tokens", key, run.dump());
      list.push_back(run.get<Tokens>());
    }
    return list;
  };
  WordGate gate{runs("runs"), runs("ends"), require_hook_tensor(tensors, "weights", at::kDouble, {-1}), fields.number("threshold"), {}};
  for (const int64_t token : fields.integers("refusal", 0, INT32_MAX)) gate.refusal.push_back(int32_t(token));
  fields.finish();
  return word_gate_hook(std::move(gate));
}

}  // namespace

Runs::Runs(const std::vector<Tokens>& runs) {
  for (size_t i = 0; i < runs.size(); ++i) {
    if (runs[i].empty()) fail("[word_gate_hook] a run has no words");
    by_length_[runs[i].size()][runs[i]] = i;
  }
  if (by_length_.empty()) fail("[word_gate_hook] there are no runs of words");
}

std::vector<size_t> Runs::ending(const int64_t* text, int64_t end) const {
  std::vector<size_t> found;
  for (const auto& [length, runs] : by_length_)
    if (int64_t(length) <= end)
      if (const auto run = runs.find(Tokens(text + end - int64_t(length), text + end)); run != runs.end()) found.push_back(run->second);
  return found;
}

std::shared_ptr<const Hook> word_gate_hook(WordGate gate) {
  const auto runs = int64_t(gate.runs.size());
  if (gate.weights.dim() != 1 || gate.weights.size(0) != runs) fail("[word_gate_hook] got {} weights, expected one for each of {} runs", gate.weights.numel(), runs);
  gate.weights = gate.weights.detach().to(at::kDouble).contiguous();
  return std::make_shared<WordGateHook>(std::move(gate));
}

extern const HookKind kWordGate{"word_gate", rebuild_word_gate};

}  // namespace fairfight
