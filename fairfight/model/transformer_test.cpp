#include "fairfight/model/transformer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fairfight/base/error.h"
#include "fairfight/base/not_finite.h"
#include "fairfight/base/testing.h"
#include "fairfight/model/batch.h"
#include "fairfight/model/generate.h"
#include "fairfight/model/score.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

Config tiny(Config::Norm norm, Config::Positions positions, Config::Mlp mlp, int64_t kv_heads) {
  Config c;
  c.vocab = 19;
  c.d_model = 16;
  c.n_layers = 3;
  c.n_heads = 4;
  c.n_kv_heads = kv_heads;
  c.d_head = 4;
  c.d_mlp = 24;
  c.n_ctx = 12;
  c.norm = norm;
  c.positions = positions;
  c.mlp = mlp;
  c.biases = norm == Config::Norm::layer;
  return c;
}

Transformer make(const Config& c) { return {c, random_weights(c, Random(7, "test"))}; }

at::Tensor some_tokens(const Config& c) { return at::randint(0, c.vocab, {3, 9}, at::detail::createCPUGenerator(5), at::kLong); }

std::vector<Config> all_shapes() {
  using C = Config;
  return {tiny(C::Norm::rms, C::Positions::rotary, C::Mlp::swiglu, 2), tiny(C::Norm::layer, C::Positions::learned, C::Mlp::gelu_tanh, 4),
          tiny(C::Norm::rms, C::Positions::learned, C::Mlp::gelu, 4), tiny(C::Norm::layer, C::Positions::rotary, C::Mlp::swiglu, 1)};
}

TEST(Transformer, ReadingChangesNothingAtAnySite) {
  for (const auto& c : all_shapes()) {
    const auto model = make(c);
    const auto tokens = some_tokens(c), plain = model.logits(tokens);
    for (const auto& site : sites_of(c)) {
      at::Tensor seen;
      const auto logits = model.logits(tokens, Taps().read(site, &seen));
      ASSERT_TRUE(seen.defined()) << site.name();
      EXPECT_LT((logits - plain).abs().max().item<double>(), 1e-5) << site.name();
    }
  }
}

TEST(Transformer, APassThatRemembersItsBeginningEndsInTheSameNumbers) {
  for (const auto& c : all_shapes()) {
    const auto model = make(c);
    auto remembering = make(c);
    const auto tokens = some_tokens(c), others = tokens + 0;
    const Site end{Point::resid_post, 1};
    remembering.remember(end, {tokens});
    const auto half = [](const at::Tensor& x) { return x * 0.5; };
    for (const auto& site : sites_of(c)) {  // before the end of the block, at it, and after it
      at::Tensor seen, expected;
      if (site.point == Point::attn_scores) continue;  // -inf
      const auto plain = model.logits(tokens, Taps().edit(site, half).read(site, &expected));
      EXPECT_TRUE(remembering.logits(tokens, Taps().edit(site, half).read(site, &seen)).equal(plain)) << site.name();
      EXPECT_TRUE(seen.equal(expected)) << site.name();
    }
    EXPECT_TRUE(remembering.logits(tokens).equal(model.logits(tokens)));
    EXPECT_TRUE(remembering.logits(others).equal(model.logits(others)));
    EXPECT_TRUE(model.resume(end, tokens, model.at(end, tokens)).logits().equal(model.logits(tokens)));
    EXPECT_THROW(model.resume(end, tokens, model.at(end, tokens), Taps().edit({Point::resid_pre, 1}, half)), Error);
    EXPECT_THROW(remembering.remember({Point::z, 1}, {tokens}), Error);
  }
}

TEST(Transformer, EverySiteFeedsTheLogitsAndCarriesGradients) {
  for (const auto& c : all_shapes()) {
    const auto model = make(c);
    const auto tokens = some_tokens(c), plain = model.logits(tokens);
    for (const auto& site : sites_of(c)) {
      at::Tensor handle;
      const auto edited = model.logits(tokens, Taps().edit(site, [&](const at::Tensor& x) {
        // A small random push at one position; scores of the future stay -inf.
        handle = at::zeros_like(x).set_requires_grad(true);
        return x + handle + 0.05 * at::randn(x.sizes(), at::detail::createCPUGenerator(3), at::kFloat);
      }));
      EXPECT_GT((edited - plain).abs().max().item<double>(), 1e-7) << site.name();
      torch::autograd::backward({edited.square().sum()});
      ASSERT_TRUE(handle.grad().defined()) << site.name();
      EXPECT_GT(handle.grad().abs().max().item<double>(), 0) << site.name();
      EXPECT_TRUE(handle.grad().isfinite().all().item<bool>()) << site.name();
    }
  }
}

TEST(Transformer, GradientsThroughATapMatchFiniteDifferences) {
  const auto c = all_shapes()[0];
  const auto model = make(c);
  const auto tokens = some_tokens(c);
  const auto weight = at::randn({3, 9, c.vocab}, at::detail::createCPUGenerator(8), at::kFloat);
  const Site site = Site::parse("blocks.1.hook_resid_mid");
  const auto loss = [&](const at::Tensor& push) {
    return (model.logits(tokens, Taps().edit(site, [&](const at::Tensor& x) { return x + push; })) * weight).sum();
  };
  auto push = at::zeros({3, 9, c.d_model}).set_requires_grad(true);
  torch::autograd::backward({loss(push)});
  at::NoGradGuard no_grad;
  const auto direction = at::randn(push.sizes(), at::detail::createCPUGenerator(9), at::kFloat);
  const double h = 5e-4;  // small beside the residual stream of fresh weights
  const double numeric = (loss(direction * h) - loss(direction * -h)).item<double>() / (2 * h);
  const double analytic = (push.grad() * direction).sum().item<double>();
  EXPECT_NEAR(numeric, analytic, 0.01 * std::abs(analytic) + 1e-3);
}

TEST(Transformer, ObserveStopsBehindTheLastRead) {
  const auto c = all_shapes()[0];
  const auto model = make(c);
  const auto tokens = some_tokens(c);
  bool reached = false;
  at::Tensor early, later;
  Taps taps;
  taps.read(Site::parse("blocks.0.hook_resid_post"), &early).read(Site::parse("blocks.1.attn.hook_q"), &later);
  taps.edit(Site::parse("blocks.1.attn.hook_z"), [&](const at::Tensor& x) {
    reached = true;
    return x;
  });
  model.observe(tokens, taps);
  EXPECT_TRUE(early.defined() && later.defined());
  EXPECT_FALSE(reached);
}

TEST(Transformer, PatternRowsAreCausalDistributions) {
  const auto c = all_shapes()[0];
  const auto pattern = make(c).at(Site::parse("blocks.2.attn.hook_pattern"), some_tokens(c));
  EXPECT_LT((pattern.sum(-1) - 1).abs().max().item<double>(), 1e-6);
  EXPECT_EQ(pattern.triu(1).abs().max().item<double>(), 0);
}

TEST(Transformer, LaterTokensNeverChangeEarlierLogits) {
  for (const auto& c : all_shapes()) {
    const auto model = make(c);
    auto tokens = some_tokens(c);
    const auto before = model.logits(tokens);
    tokens.select(1, 8).add_(1).remainder_(c.vocab);
    EXPECT_LT((model.logits(tokens) - before).slice(1, 0, 8).abs().max().item<double>(), 1e-6);
  }
}

TEST(Transformer, RefusesWhatItHasNot) {
  const auto c = all_shapes()[0];
  const auto model = make(c);
  EXPECT_THROW(model.at(Site::parse("blocks.3.hook_resid_post"), some_tokens(c)), Error);
  EXPECT_THROW(model.at(Site::parse("hook_pos_embed"), some_tokens(c)), Error);
  EXPECT_THROW(model.logits(at::zeros({1, 13}, at::kLong)), Error);
  EXPECT_THROW(model.logits(some_tokens(c), Taps().edit(Site::parse("hook_embed"), [](const at::Tensor& x) { return x.sum(); })), Error);
  EXPECT_THROW(Site::parse("blocks.x.hook_resid_post"), Error);
  EXPECT_THROW(Site::parse("hook_resid_post"), Error);
}

TEST(Site, NamesComeBack) {
  for (const auto& c : all_shapes())
    for (const auto& site : sites_of(c)) EXPECT_EQ(Site::parse(site.name()), site);
}

/// Finite weights whose products are not: every exit says so, and where.
TEST(Transformer, WhatOverflowsIsAnErrorWherePassesMakeIt) {
  for (const auto& c : all_shapes()) {
    Weights weights = random_weights(c, Random(7, "test"));
    weights.blocks[1].o.w = weights.blocks[1].o.w * 1e38;
    weights.blocks[1].v.w = weights.blocks[1].v.w * 1e10;
    const Transformer broken(c, weights);
    const auto tokens = some_tokens(c);
    const Site before{Point::resid_pre, 1}, behind{Point::resid_post, 1};
    const at::NoGradGuard no_grad;
    EXPECT_THAT(error_of([&] { broken.logits(tokens); }), testing::HasSubstr("logits of text 0 at position 0"));
    EXPECT_THROW(broken.logits(tokens, Taps().only_at(at::zeros({3}, at::kLong))), NotFinite);
    EXPECT_TRUE(broken.at(before, tokens).equal(make(c).at(before, tokens)));  // as long as nobody looks after it
    EXPECT_THAT(error_of([&] { broken.at(behind, tokens); }), testing::HasSubstr("blocks.1.hook_resid_post of text 0 at position 0"));
    EXPECT_THROW(generate(broken, {{1, 2}}, 3, 0, {}, Random(0, "g")), NotFinite);
    EXPECT_THROW(generate(broken, {{1, 2}}, 3, 0, {}, Random(0, "g"), Taps()), NotFinite);
    EXPECT_THROW(log_probabilities([&](const at::Tensor& t) { return broken.read_out(t); }, c, {{1, 2, 3}}, 4), NotFinite);
  }
}

/// A training looks at its own losses, and padding is nobody's text.
TEST(Transformer, OnlyWhatSomebodyReadsHasToBeFinite) {
  const Config c = tiny(Config::Norm::rms, Config::Positions::rotary, Config::Mlp::swiglu, 2);
  const auto model = make(c);
  const auto tokens = pad({{1, 2, 3, 4}, {5, 6}}).tokens;
  const Site site{Point::resid_post, 2};
  const auto spoil = [](int64_t text, int64_t place) {
    return [=](const at::Tensor& x) {
      const auto y = x.clone();
      y[text][place] = NAN;
      return y;
    };
  };
  EXPECT_NO_THROW(model.logits(tokens, Taps().edit(site, spoil(1, 2))));
  EXPECT_NO_THROW(model.logits(tokens, Taps().edit(site, spoil(0, 2)).only_at(at::tensor({3, 1}, at::kLong))));
  EXPECT_THAT(error_of([&] { model.logits(tokens, Taps().edit(site, spoil(1, 1))); }), testing::HasSubstr("text 1 at position 1"));
  EXPECT_THAT(error_of([&] { model.logits(tokens, Taps().edit(site, spoil(1, 1)).only_at(at::tensor({3, 1}, at::kLong))); }), testing::HasSubstr("text 1 at position 1"));
  Weights weights = model.weights().clone();
  for (auto& p : weights.parameters()) p.set_requires_grad(true);
  EXPECT_TRUE(Transformer(c, weights).logits(tokens, Taps().edit(site, spoil(0, 0)))[0][0].isnan().all().item<bool>());
  at::Tensor scores;
  EXPECT_NO_THROW(model.observe(tokens, Taps().read({Point::attn_scores, 0}, &scores)));  // masked ones are infinite
}

TEST(Sites, ADepthIsAFractionOfTheBlocks) {
  Config c;
  c.n_layers = 30;
  const auto at = [&](const char* text) { return site_of(c, text).name(); };
  EXPECT_EQ(at("0"), "blocks.0.hook_resid_post");
  EXPECT_EQ(at("0.5"), "blocks.15.hook_resid_post");
  EXPECT_EQ(at("0.99"), "blocks.29.hook_resid_post");
  EXPECT_EQ(at("1"), "blocks.29.hook_resid_post");
  EXPECT_EQ(at("blocks.3.mlp.hook_post"), "blocks.3.mlp.hook_post");
  c.n_layers = 5;
  EXPECT_EQ(site_of(c, "0.5"), middle_of(c));
  EXPECT_EQ(at("0.5"), "blocks.2.hook_resid_post");
  for (const char* wrong : {"1.5", "-0.1", "nan", "0.5x", ""}) EXPECT_THROW(site_of(c, wrong), Error) << wrong;
}

}  // namespace
}  // namespace fairfight
