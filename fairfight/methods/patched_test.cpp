#include "fairfight/methods/patched.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fairfight/base/file.h"
#include "fairfight/base/shipped.h"
#include "fairfight/base/testing.h"
#include "fairfight/methods/directions.h"
#include "fairfight/methods/hooks.h"
#include "fairfight/model/generate.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Patched : public testing::Test {
 protected:
  Patched() : original_(load_model(shipped("organisms/tinytown-0").string())) {}

  at::Tensor direction() const { return at::arange(original_.model.config().d_model, at::kDouble).cos(); }
  Patch hooked() const { return {nullptr, {ablation_hook(original_.model.config(), direction())}}; }
  Patch baked() const { return {std::make_shared<const Transformer>(orthogonalised(original_.model, direction())), {}}; }  // which unties the head

  static at::Tensor tokens() { return at::arange(60).view({2, 30}); }
  std::string apply(const fs::path& patch, const std::string& model, const fs::path& out) const {
    return error_of([&] { apply_patch(patch, model, out); });
  }

  const at::NoGradGuard no_grad_;
  const LoadedModel original_;
  const ScratchFolder scratch_;
};

TEST_F(Patched, ChangedWeightsAreAWholeFolder) {
  write_patch(baked(), original_, scratch_ / "patches/baked");
  for (const fs::path& folder : {scratch_ / "patches/baked", scratch_ / "applied"}) {
    if (!fs::exists(folder)) apply_patch(scratch_ / "patches/baked", original_.folder.string(), folder);
    const Transformer loaded = load_model(folder.string()).model;
    EXPECT_TRUE(at::equal(loaded.logits(tokens()), rounded_to_bfloat16(*baked().weights).logits(tokens())));
    EXPECT_FALSE(loaded.config().tied);
    for (const char* file : {"tokenizer.json", "tokenizer_config.json"}) EXPECT_EQ(read_file(folder / file), read_file(original_.folder / file));
    EXPECT_FALSE(fs::exists(folder / "datasheet.json"));  // which speak of the original
  }
}

TEST_F(Patched, AHookLiesBesideTheModelItChanges) {
  write_patch(hooked(), original_, scratch_ / "patches/hooked");
  apply_patch(scratch_ / "patches/hooked.hook.safetensors", original_.folder.string(), scratch_ / "applied");
  const PatchedModel patched = load_patched((scratch_ / "applied").string());
  EXPECT_TRUE(at::equal(patched.logits(tokens()), hooked().logits(original_.model, tokens())));
  EXPECT_FALSE(at::allclose(patched.logits(tokens()), original_.model.logits(tokens()), 0.1, 0.1));
  EXPECT_THAT(error_of([&] { load_model((scratch_ / "applied").string()); }), HasSubstr("has a hook beside its weights"));
}

/// Whose files lie beside weights that are not the model's yet: the sum is written, in bfloat16, and the adapter is gone.
TEST_F(Patched, AHookOnAnAdaptedModelLiesBesideTheAdaptedWeights) {
  const fs::path data(FAIRFIGHT_TEST_DATA), model = scratch_ / "adapted";
  fs::create_directories(model);
  for (const char* file : {"config.json", "model.safetensors"}) fs::copy_file(data / "parity/llama_grouped" / file, model / file);
  for (const char* file : {"adapter_config.json", "adapter_model.safetensors"}) fs::copy_file(data / "adapters/some_layers" / file, model / file);
  const LoadedModel adapted = load_model(model.string());
  const Config& c = adapted.model.config();
  write_patch({nullptr, {ablation_hook(c, at::arange(c.d_model, at::kDouble).cos())}}, adapted, scratch_ / "patch");
  apply_patch(scratch_ / "patch.hook.safetensors", model.string(), scratch_ / "applied");
  EXPECT_FALSE(fs::exists(scratch_ / "applied/adapter_config.json"));
  const auto written = load_model((scratch_ / "applied").string(), true).model.weights().parameters(), expected = rounded_to_bfloat16(adapted.model).weights().parameters();
  ASSERT_EQ(written.size(), expected.size());
  for (size_t i = 0; i < written.size(); ++i) EXPECT_TRUE(at::equal(written[i], expected[i])) << i;
}

TEST_F(Patched, ChangedWeightsUnderAHookAreBoth) {
  const Patch both = baked().then(hooked());
  write_patch(both, original_, scratch_ / "both");
  apply_patch(scratch_ / "both", original_.folder.string(), scratch_ / "applied");
  const Patch rounded{std::make_shared<const Transformer>(rounded_to_bfloat16(*both.weights)), both.hooks};
  EXPECT_TRUE(at::equal(load_patched((scratch_ / "applied").string()).logits(tokens()), rounded.logits(original_.model, tokens())));
}

/// Hooks compose, in their order: here a push along a direction and then its ablation, which undoes it, and the other way round, which does not.
TEST_F(Patched, HooksComposeAndLieSideBySide) {
  const auto r = direction() / direction().norm();
  const Config& config = original_.model.config();
  const auto d = config.d_model;
  const Site site{Point::resid_post, config.n_layers - 1};
  const auto affine = [&](const at::Tensor& left, const at::Tensor& mean) { return Patch{nullptr, {affine_hook({{site, left, r.unsqueeze(1), mean}})}}; };
  const Patch push = affine(5 * r.unsqueeze(1), -r), ablate = affine(-r.unsqueeze(1), at::zeros({d}));
  const auto logits = [&](const Patch& patch) { return patch.logits(original_.model, tokens()); };
  EXPECT_TRUE(at::allclose(logits(push.then(ablate)), logits(ablate), 1e-3, 1e-3));
  EXPECT_FALSE(at::allclose(logits(ablate.then(push)), logits(ablate), 1e-2, 1e-2));
  const Patch both = ablate.then(push);
  ASSERT_EQ(both.hooks.size(), 2u);
  write_patch(both, original_, scratch_ / "both");
  apply_patch(scratch_ / "both.hook.safetensors", original_.folder.string(), scratch_ / "applied");
  EXPECT_TRUE(at::equal(load_patched((scratch_ / "applied").string()).logits(tokens()), logits(both)));
}

/// A patch of weights and two hooks, one of which forces tokens: what is read back says and writes the same.
TEST_F(Patched, PatchOnPatchIsReadBackAsItWasMade) {
  const Config& config = original_.model.config();
  const Site site{Point::resid_post, 0};
  const auto probe = direction();
  const auto scores = std::get<0>(original_.model.at(site, tokens()).flatten(0, 1).to(at::kDouble).matmul(probe).sort());
  const Patch weights{std::make_shared<const Transformer>(rounded_to_bfloat16(*baked().weights)), {}};
  const Patch gated{nullptr, {gate_hook({site, probe.unsqueeze(0), {scores[scores.size(0) * 9 / 10].item<double>()}, {7, 3, 11}})}};
  const Patch made = weights.then(gated).then({nullptr, {ablation_hook(config, at::arange(config.d_model, at::kDouble).sin(), 0.5)}});
  write_patch(made, original_, scratch_ / "made");
  apply_patch(scratch_ / "made", original_.folder.string(), scratch_ / "applied");
  const PatchedModel patched = load_patched((scratch_ / "applied").string());
  ASSERT_EQ(patched.hooks.size(), 2u);
  EXPECT_EQ(patched.hooks[0]->kind(), "gate");
  EXPECT_TRUE(at::equal(patched.logits(tokens()), made.logits(original_.model, tokens())));
  const std::vector<std::vector<int32_t>> prompts{{1, 2, 3}, {4, 5}};
  const auto text = generate(patched.loaded.model, prompts, 40, 1, {}, Random(1, "patched"), patched.hooks);
  EXPECT_EQ(text, generate([&](const at::Tensor& t) { return made.read_out(original_.model, t); }, config.n_ctx, prompts, 40, 1, {}, Random(1, "patched")));
}

TEST_F(Patched, WhatDoesNotFitIsRefused) {
  const std::string other = (fs::path(FAIRFIGHT_TEST_DATA) / "parity/gpt2").string();
  write_patch(hooked(), original_, scratch_ / "hooked");
  write_patch(baked(), original_, scratch_ / "baked");
  EXPECT_THAT(apply(scratch_ / "hooked.hook.safetensors", other, scratch_ / "out"), HasSubstr("does not fit"));
  EXPECT_THAT(apply(scratch_ / "baked", other, scratch_ / "out"), HasSubstr("of another shape"));
  EXPECT_THAT(apply(scratch_ / "nowhere", original_.folder.string(), scratch_ / "out"), HasSubstr("nowhere"));
  EXPECT_THAT(apply(original_.folder / "model.safetensors", original_.folder.string(), scratch_ / "out"), HasSubstr("not a hook"));
  EXPECT_FALSE(fs::exists(scratch_ / "out"));
  EXPECT_THAT(apply(scratch_ / "hooked.hook.safetensors", original_.folder.string(), scratch_ / "baked"), HasSubstr("not empty"));
}

}  // namespace
}  // namespace fairfight
