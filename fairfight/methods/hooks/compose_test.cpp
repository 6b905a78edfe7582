// An attack on a patch, and a patch on a patch: hooks compose, and gradients go through them as Hook::Gradient says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fairfight/base/testing.h"
#include "fairfight/methods/hooks/testing.h"

namespace fairfight {
namespace {

/// An attack in latent space: δ is added to a state.
class Nudge final : public Hook {
 public:
  Nudge(const Site& site, at::Tensor delta) : site_(site), delta_(std::move(delta)) {}
  std::string_view kind() const override { return "nudge"; }
  std::string about() const override { return "x + δ"; }
  Afterwards attach(const Config&, Taps& taps) const override {
    taps.edit(site_, [this](const at::Tensor& x) { return x + delta_; });
    return nullptr;
  }
  Gradient gradient() const override { return Gradient::exact; }
  Json settings() const override { return Json::object(); }
  Tensors tensors() const override { return {}; }

 private:
  Site site_;
  at::Tensor delta_;
};

Patch under(std::shared_ptr<const Hook> hook) { return {nullptr, {std::move(hook)}}; }
Patch nudge(const at::Tensor& delta) { return under(std::make_shared<Nudge>(kBetween, delta)); }

class Composing : public testing::Test {
 protected:
  const EveryHook every{small_config()};
  const Transformer& model = every.model;
  const at::Tensor tokens = at::randint(20, {3, 8}, at::detail::createCPUGenerator(5), at::kLong);
  const at::Tensor weighting = normal({3, 8, 20}, 50).to(at::kDouble);
  const at::Tensor zero = at::zeros({3, 8, 12});

  at::Tensor loss(const Patch& patch) const { return (patch.logits(model, tokens).to(at::kDouble) * weighting).sum(); }

  at::Tensor gradient(const std::function<Patch(const at::Tensor& delta)>& with) const {
    const auto delta = zero.clone().set_requires_grad(true);
    loss(with(delta)).backward();
    return delta.grad();
  }
  /// Along a direction, by central differences, with the error in h² taken off (Richardson).
  static double slope(const std::function<double(const at::Tensor& delta)>& loss, const at::Tensor& direction) {
    const auto central = [&](double h) { return (loss(direction * h) - loss(direction * -h)) / (2 * h); };
    return (4 * central(0.005) - central(0.01)) / 3;
  }
  Hooks of(Hook::Gradient kind) const {
    Hooks some;
    for (const auto& hook : every.all())
      if (hook->gradient() == kind) some.push_back(hook);
    return some;
  }
  at::Tensor state(const Patch& patch) const {
    at::Tensor x;
    patch.read_out(model, tokens, Taps().read(kBetween, &x));
    return x;
  }
};

TEST_F(Composing, AnExactGradientIsThatOfFiniteDifferences) {
  ASSERT_FALSE(of(Hook::Gradient::exact).empty());
  for (const auto& hook : of(Hook::Gradient::exact)) {
    const auto with = [&](const at::Tensor& delta) { return nudge(delta).then(under(hook)); };
    const auto found = gradient(with);
    for (uint64_t seed = 60; seed < 64; ++seed) {
      const auto direction = normal(zero.sizes(), seed);
      const double expected = slope([&](const at::Tensor& delta) { return loss(with(delta)).item<double>(); }, direction), got = (found * direction).sum().item<double>();
      EXPECT_NEAR(got, expected, 2e-3 * std::abs(expected) + 2e-2) << hook->about();
    }
    if (hook->kind() == "bias") continue;  // which adds a constant to logits: this loss is linear in them
    EXPECT_GT(gap(found, gradient(nudge)), 1e-2) << "the hook has no part in it: " << hook->about();
  }
}

/// "The state that it is added to, with the edit taken as fixed": what the hook adds at δ = 0 is added as a constant, and the loss is differentiated by finite differences.
TEST_F(Composing, AStraightThroughGradientTakesTheEditAsFixed) {
  ASSERT_GE(of(Hook::Gradient::straight_through).size(), 5u);
  for (const auto& hook : of(Hook::Gradient::straight_through)) {
    const auto edit = (state(under(hook)) - state({})).detach();
    ASSERT_GT(edit.abs().max().item<double>(), 0.1);
    const auto found = gradient([&](const at::Tensor& delta) { return nudge(delta).then(under(hook)); });
    for (uint64_t seed = 60; seed < 64; ++seed) {
      const auto direction = normal(zero.sizes(), seed);
      const double expected = slope([&](const at::Tensor& delta) { return loss(nudge(edit + delta)).item<double>(); }, direction), got = (found * direction).sum().item<double>();
      EXPECT_NEAR(got, expected, 2e-3 * std::abs(expected) + 2e-2) << hook->about();
    }
  }
}

/// The attack's gradient through two patches is the product of what each lets through: here an exact one after a straight-through one.
TEST_F(Composing, GradientsGoThroughPatchOnPatch) {
  const auto exact = under(of(Hook::Gradient::exact)[0]), selecting = under(of(Hook::Gradient::straight_through)[0]);
  const auto found = gradient([&](const at::Tensor& delta) { return nudge(delta).then(selecting).then(exact); });
  const auto behind = gradient([&](const at::Tensor& delta) { return selecting.then(nudge(delta)).then(exact); });
  EXPECT_LT(gap(found, behind), 1e-6);
  EXPECT_GT(gap(found, gradient([&](const at::Tensor& delta) { return nudge(delta).then(selecting); })), 1e-2);
}

TEST_F(Composing, AHookWithoutAGradientSaysSo) {
  const auto gated = under(of(Hook::Gradient::none).at(0));
  const auto delta = zero.clone().set_requires_grad(true);
  const std::string expected = "[patch] no gradient goes through the hook \"gate\" (where 2 linear probes at blocks.0.hook_resid_post exceed";
  EXPECT_THAT(error_of([&] { nudge(delta).then(gated).logits(model, tokens); }), testing::StartsWith(expected));
  EXPECT_THAT(error_of([&] { gated.logits(model, tokens, Taps().edit(kBetween, [&](const at::Tensor& x) { return x + delta; })); }), testing::StartsWith(expected));
  const at::NoGradGuard no_grad;
  EXPECT_EQ(error_of([&] { nudge(delta).then(gated).logits(model, tokens); }), "");  // an attack without gradients
}

/// Relearning under a gate: where it forces a token, weights learn nothing.
TEST_F(Composing, WeightsLearnUnderAHookWithoutAGradient) {
  Weights weights = model.weights().clone();
  for (auto& w : weights.parameters()) w.requires_grad_(true);
  const Patch gated{std::make_shared<Transformer>(model.config(), weights), of(Hook::Gradient::none)};
  gated.read_out(model, tokens).log_probabilities(tokens).sum().backward();
  EXPECT_GT(weights.unembed.grad().abs().max().item<double>(), 0);
}

/// What a patch makes of the state goes into a pass that begins there, under the other patch alone.
TEST_F(Composing, PatchOnPatchIsOneAfterTheOther) {
  const at::NoGradGuard no_grad;
  const Hooks all = every.all();
  for (const auto& first : all) {
    if (first->gradient() == Hook::Gradient::none || first->kind() == "bias" || first == all[1]) continue;  // those act elsewhere, too
    for (const auto& second : all) {
      Attached later({second}, model.config());
      ReadOut expected = model.resume(kBetween, tokens, state(under(first)), later.taps());
      later.finish(expected, Chunk::whole(tokens), {});
      EXPECT_LT(gap(under(first).then(under(second)).logits(model, tokens), expected.logits()), 1e-5) << first->about() << ", then " << second->about();
    }
  }
}

TEST_F(Composing, TheLaterWeightsAndTheHooksOfBoth) {
  const auto weights = [](uint64_t seed) { return std::make_shared<const Transformer>(small_config(), random_weights(small_config(), Random(seed, "weights"))); };
  const Hooks all = every.all();
  const Patch first{weights(7), {all[0]}}, second{weights(8), {all[2]}}, hooked = under(all[3]);
  EXPECT_EQ(first.then(second).weights, second.weights);
  EXPECT_EQ(first.then(hooked).weights, first.weights);
  EXPECT_EQ(hooked.then(second).weights, second.weights);
  EXPECT_EQ(first.then(second).then(hooked).hooks, (Hooks{all[0], all[2], all[3]}));
  EXPECT_EQ(first.then(second.then(hooked)).hooks, (Hooks{all[0], all[2], all[3]}));
}

}  // namespace
}  // namespace fairfight
