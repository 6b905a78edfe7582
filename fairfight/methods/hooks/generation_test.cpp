// Generation under hooks, with a cache, against a whole pass for each token.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "fairfight/methods/hooks/testing.h"
#include "fairfight/model/generate.h"
#include "fairfight/model/meter.h"

namespace fairfight {
namespace {

using Texts = std::vector<std::vector<int32_t>>;

/// Looks at the scores of attention: after the softmax, the first head sees nothing.
class Headless final : public Hook {
 public:
  std::string_view kind() const override { return "headless"; }
  std::string about() const override { return "the first head of block 0 adds nothing"; }
  Afterwards attach(const Config&, Taps& taps) const override {
    taps.edit(Site::parse("blocks.0.attn.hook_pattern"), [](const at::Tensor& x) { return at::cat({at::zeros_like(x.slice(1, 0, 1)), x.slice(1, 1)}, 1); });
    return nullptr;
  }
  Gradient gradient() const override { return Gradient::exact; }
  Json settings() const override { return Json::object(); }
  Tensors tensors() const override { return {}; }
};

Config config() {
  Config c = small_config();
  c.n_ctx = 40;
  return c;
}

class HookedGeneration : public testing::Test {
 protected:
  const EveryHook every{config()};
  const Transformer& model = every.model;
  const Texts prompts{{1, 5, 2, 9, 14, 3}, {4}, {8, 8, 0}};

  Texts cached(const Hooks& hooks, const Sampling& sampling, int64_t tokens = 30) const {
    return generate(model, prompts, tokens, sampling, {4}, Random(3, "generation"), hooks);
  }
  Texts whole(const Hooks& hooks, const Sampling& sampling, int64_t tokens = 30) const {
    return generate([&](const at::Tensor& t) { return read_out(model, hooks, t); }, model.config().n_ctx, prompts, tokens, sampling, {4}, Random(3, "generation"));
  }
  static std::string names(const Hooks& hooks) {
    std::string all;
    for (const auto& hook : hooks) all += hook->about() + "; ";
    return all;
  }
};

TEST_F(HookedGeneration, EveryKindIsTried) {
  std::set<std::string_view> tried, known;
  for (const auto& hook : every.all()) tried.insert(hook->kind());
  for (const auto& kind : hook_kinds()) known.insert(kind.name);
  EXPECT_EQ(tried, known);
}

TEST_F(HookedGeneration, TextIsThatOfWholePasses) {
  for (const Sampling& sampling : {Sampling(0), Sampling(1), Sampling(1.5, 5)}) {
    std::vector<Hooks> patches;
    for (const auto& hook : every.all()) patches.push_back({hook});
    patches.push_back({std::make_shared<Headless>()});
    for (const auto& hooks : patches) {
      const auto text = cached(hooks, sampling);
      EXPECT_EQ(text, whole(hooks, sampling)) << names(hooks);
      EXPECT_NE(text, cached({}, sampling)) << names(hooks) << "changes nothing";
    }
  }
}

TEST_F(HookedGeneration, TextUnderTwoHooksIsThatOfWholePasses) {
  const Hooks all = every.all();
  for (const auto& first : all)
    for (const auto& second : all) {
      if (first == second) continue;
      const Hooks both{first, second};
      EXPECT_EQ(cached(both, 1), whole(both, 1)) << names(both);
    }
}

/// What hooks carry along is at work: refusals begin after the prompt and go on for all their tokens, and a guardrail acts at some tokens where a feature fires, not at all of them.
TEST_F(HookedGeneration, RefusalsBeginBehindThePrompt) {
  const std::vector<int32_t> refusal{7, 3, 11};
  size_t begun = 0, tokens = 0;
  for (const auto& text : cached({every.gate()}, 1)) {
    for (auto at = text.begin() + 6; at < text.end(); ++at) begun += std::equal(refusal.begin(), refusal.end(), at, std::min(at + 3, text.end()));
    tokens += text.size();
  }
  EXPECT_GT(begun, 1u);
  EXPECT_GT(tokens, 6 * begun);
}

/// A further token costs one token a text: the model's products with its weights, and the hook's as in a whole pass that is a token longer.
TEST_F(HookedGeneration, AFurtherTokenCostsOneToken) {
  constexpr int64_t kTexts = 16;  // kernels fill up to as many rows
  const Config& c = model.config();
  const auto products = [&](const Hooks& hooks, int64_t tokens) {
    const Meter meter;
    generate(model, Texts(kTexts, {1, 5, 2}), tokens, 0, {}, Random(3, "generation"), hooks);
    return double(meter.work().flops);
  };
  const auto further = [&](const Hooks& hooks, int64_t tokens) { return (products(hooks, tokens + 1) - products(hooks, tokens)) / kTexts; };
  const auto own = [&](const Hooks& hooks, int64_t tokens) { return further(hooks, tokens) - further({}, tokens); };
  EXPECT_EQ(further({}, 10), 2 * double(c.matmul_parameters()) + double(c.n_layers * 4 * (3 + 10) * c.n_heads * c.d_head));
  EXPECT_EQ(own({every.all()[0]}, 10), 2 * 2 * double(c.d_model * 2));  // two maps of rank 2
  const at::NoGradGuard no_grad;
  const auto of_pass = [&](const Hooks& hooks, int64_t tokens) {
    const Meter meter;
    read_out(model, hooks, at::arange(tokens).remainder(c.vocab).expand({kTexts, tokens})).logits();
    return double(meter.work().flops) / kTexts;
  };
  for (const auto& hook : every.all()) {
    const double in_a_pass = of_pass({hook}, 31) - of_pass({hook}, 30) - (of_pass({}, 31) - of_pass({}, 30));
    EXPECT_EQ(in_a_pass > 0, hook->kind() != "rules" && hook->kind() != "word_gate" && hook->kind() != "bias") << hook->about();  // which look words up
    for (const int64_t tokens : {10, 20}) EXPECT_EQ(own({hook}, tokens), in_a_pass) << hook->about();
  }
}

}  // namespace
}  // namespace fairfight
