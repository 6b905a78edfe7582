#include "fairfight/model/meter.h"

#include <gtest/gtest.h>

#include <thread>

#include "fairfight/model/engine.h"
#include "fairfight/model/generate.h"
#include "fairfight/model/memo.h"
#include "fairfight/model/torch.h"
#include "fairfight/model/transformer.h"

namespace fairfight {
namespace {

constexpr int64_t kTexts = 3, kLength = 7;

class MeterTest : public testing::Test {
 protected:
  static Config config() {
    Config c;
    c.vocab = 20;
    c.d_model = 12;
    c.n_layers = 2;
    c.n_heads = 2;
    c.n_kv_heads = 1;
    c.d_head = 6;
    c.d_mlp = 16;
    c.n_ctx = 8;
    return c;
  }
  /// The products of a pass in closed form: every weight once a token, and attention's two, each of half of the pairs.
  static int64_t in_blocks(int64_t blocks) {
    const Config c = config();
    const int64_t weights = (c.matmul_parameters() - c.vocab * c.d_model) / c.n_layers;
    return blocks * (2 * weights * kTexts * kLength + 2 * kTexts * kLength * (kLength + 1) * c.n_heads * c.d_head);
  }
  static int64_t in_head(int64_t positions) { return 2 * config().vocab * config().d_model * positions; }
  template <class F>
  static Work of(const F& f) {
    const Meter meter;
    f();
    return meter.work();
  }

  Transformer model{config(), random_weights(config(), Random(1, "model"))};
  at::Tensor tokens = at::arange(kTexts * kLength, at::kLong).remainder(20).view({kTexts, kLength});
};

TEST_F(MeterTest, APassCostsWhatItsProductsAre) {
  const at::NoGradGuard no_grad;
  EXPECT_EQ(of([&] { model.logits(tokens); }), (Work{in_blocks(2) + in_head(kTexts * kLength), kTexts * kLength, 0, 1}));
  EXPECT_EQ(of([&] { model.at(Site::parse("blocks.0.hook_resid_post"), tokens); }), (Work{in_blocks(1), kTexts * kLength, 0, 1}));
  EXPECT_EQ(of([&] { model.at(Site::parse("hook_embed"), tokens); }), (Work{0, kTexts * kLength, 0, 1}));
  auto padded = tokens.clone();
  padded.slice(0, 0, 1).slice(1, 4) = -1;
  EXPECT_EQ(of([&] { model.logits(padded); }).tokens_forward, kTexts * kLength - 3);
}

TEST_F(MeterTest, ABackwardPassCostsTwoForwardOnes) {
  Weights weights = model.weights().clone();
  for (auto& w : weights.parameters()) w.requires_grad_(true);
  const Transformer learner(config(), weights);
  const Work there = of([&] { learner.at(Site::parse("blocks.1.hook_resid_post"), tokens); });
  EXPECT_EQ(there, (Work{in_blocks(2), kTexts * kLength, kTexts * kLength, 1}));
  EXPECT_EQ(of([&] { learner.at(Site::parse("blocks.1.hook_resid_post"), tokens).sum().backward(); }).flops, 3 * in_blocks(2));
}

TEST_F(MeterTest, AWordMoreCostsAWord) {
  const at::NoGradGuard no_grad;
  const auto said = [&](int64_t words) { return of([&] { generate(model, {{1, 2, 3}}, words, 0, {}, Random(1, "words")); }); };
  const Work one = said(1), two = said(2);
  EXPECT_EQ(two.tokens_forward - one.tokens_forward, 1);
  EXPECT_EQ(two.queries - one.queries, 1);
  const int64_t attention = config().n_layers * 4 * 4 * config().n_heads * config().d_head;  // two products with four keys
  EXPECT_EQ(two.flops - one.flops, 2 * config().matmul_parameters() + attention);
}

TEST_F(MeterTest, WhatAnInnerMeterCountsTheOuterOneCounts) {
  const at::NoGradGuard no_grad;
  const auto pass = [&] { model.logits(tokens); };
  const Work one = of(pass);
  EXPECT_EQ(of([&] { of(pass); }), one);
  EXPECT_EQ(of([&] { pass(), of(pass); }).flops, 2 * one.flops);
}

TEST_F(MeterTest, ThreadsThatWorkForSomebodyCount) {
  const Work one = of([&] {
    const at::NoGradGuard no_grad;
    model.logits(tokens);
  });
  const Work many = of([&] {
    side_by_side(5, [&](size_t) {
      const at::NoGradGuard no_grad;
      model.logits(tokens);
    });
  });
  EXPECT_EQ(many, (Work{5 * one.flops, 5 * one.tokens_forward, 0, 5}));
  const Meter meter;
  std::thread([&] { model.logits(tokens); }).join();  // somebody else's
  EXPECT_EQ(meter.work(), Work{});
}

TEST_F(MeterTest, WhatIsComputedOnceIsPaidByEach) {
  const at::NoGradGuard no_grad;
  Memo memo;
  int computed = 0;
  const auto take = [&](double share) {
    return of([&] {
      memo.get<at::Tensor>("logits", [&] { return ++computed, model.logits(tokens); }, share);
    });
  };
  const Work whole = take(1), again = take(1), third = take(1. / 3);
  EXPECT_EQ(computed, 1);
  EXPECT_EQ(whole, again);
  EXPECT_EQ(whole.flops, in_blocks(2) + in_head(kTexts * kLength));
  EXPECT_NEAR(double(third.flops), double(whole.flops) / 3, 1);
  EXPECT_EQ(third.tokens_forward, kLength);
}

TEST_F(MeterTest, WhoBeginsWhereAPassIsRememberedPaysForTheWayThere) {
  const at::NoGradGuard no_grad;
  const Work whole = of([&] { model.logits(tokens); });
  model.remember(Site::parse("blocks.0.hook_resid_post"), {tokens});
  EXPECT_EQ(of([&] { model.logits(tokens); }), whole);
}

}  // namespace
}  // namespace fairfight
