#include "fairfight/methods/lora.h"

#include <gtest/gtest.h>

#include <cmath>

#include "fairfight/base/error.h"
#include "fairfight/base/testing.h"
#include "fairfight/model/checkpoint.h"
#include "fairfight/model/tensor_file.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

namespace fs = std::filesystem;

Transformer tiny(const char* name) { return load_model((fs::path(FAIRFIGHT_TEST_DATA) / "parity" / name).string()).model; }

LoraSettings everywhere(const Config& config, int64_t rank, double alpha) {
  LoraSettings settings{rank, alpha, linear_maps(config), {}, 0};
  for (int64_t i = 0; i < config.n_layers; ++i) settings.layers.push_back(i);
  return settings;
}

double apart(const at::Tensor& got, const at::Tensor& reference) {
  return (got - reference).abs().max().item<double>() / std::max(1.0, reference.abs().max().item<double>());
}

TEST(Lora, IsThatOfPeft) {
  const Transformer model = tiny("llama_grouped");
  const auto golden = read_tensors(fs::path(FAIRFIGHT_ROOT) / "fairfight/methods/reference/lora.safetensors").tensors;
  const Lora lora(model.weights(), everywhere(model.config(), 3, 5), Random(0, "lora"));
  const auto place = [](const Lora::Adapter& adapter) { return fmt::format("/{}.{}", adapter.layer, name_of(adapter.map)); };
  {
    at::NoGradGuard no_grad;
    for (const auto& adapter : lora.adapters()) {
      adapter.a.detach().copy_(golden.at("a" + place(adapter)));
      adapter.b.detach().copy_(golden.at("b" + place(adapter)));
    }
  }
  const auto tokens = golden.at("tokens");
  const auto logits = Transformer(model.config(), lora.adapted()).logits(tokens);
  EXPECT_LT(apart(logits, golden.at("logits")), 1e-4);
  const auto loss = cross_entropy(logits.slice(1, 0, -1).flatten(0, 1), tokens.slice(1, 1).flatten());
  EXPECT_NEAR(loss.item<double>(), golden.at("loss").item<double>(), 1e-5);
  loss.backward();
  ASSERT_EQ(lora.adapters().size(), 14u);
  for (const auto& adapter : lora.adapters()) {
    EXPECT_LT(apart(adapter.a.grad(), golden.at("grad_a" + place(adapter))), 1e-4) << place(adapter);
    EXPECT_LT(apart(adapter.b.grad(), golden.at("grad_b" + place(adapter))), 1e-4) << place(adapter);
  }
  const auto baked = Transformer(model.config(), lora.adapted().clone()).logits(tokens);
  EXPECT_FALSE(baked.requires_grad());
  const at::NoGradGuard no_grad;
  EXPECT_LT(apart(baked, Transformer(model.config(), lora.adapted()).logits(tokens)), 1e-5);
}

TEST(Lora, AddsTheScaledProduct) {
  const Transformer model = tiny("llama_tied");
  const Lora lora(model.weights(), {2, 6, {LinearMap::out}, {1}, 0}, Random(0, "lora"));
  const auto& adapter = lora.adapters().at(0);
  adapter.b.detach().fill_(0.5);
  const auto expected = model.weights().blocks[1].out.w + 3 * adapter.b.detach().mm(adapter.a.detach());
  EXPECT_LT(apart(lora.adapted().clone().blocks[1].out.w, expected), 1e-6);
  EXPECT_TRUE(lora.adapted().blocks[0].out.w.is_same(model.weights().blocks[0].out.w));
  EXPECT_TRUE(lora.adapted().embed.is_same(model.weights().embed));
  const Weights baked = lora.adapted().clone();
  EXPECT_TRUE(baked.unembed.is_same(baked.embed));
}

TEST(Lora, BeginsAsTheModelItself) {
  const Transformer model = tiny("gpt2");
  const auto settings = everywhere(model.config(), 4, 8);
  const Lora lora(model.weights(), settings, Random(3, "lora")), again(model.weights(), settings, Random(3, "lora"));
  ASSERT_EQ(lora.parameters().size(), 2u * 2 * 6);
  for (size_t i = 0; i < lora.adapters().size(); ++i) {
    const auto &adapter = lora.adapters()[i], &same = again.adapters()[i];
    const double bound = 1 / std::sqrt(double(adapter.a.size(1))), highest = adapter.a.abs().max().item<double>();
    EXPECT_LE(highest, bound);
    EXPECT_GT(highest, 0.85 * bound);
    EXPECT_NEAR(adapter.a.std().item<double>(), bound / std::sqrt(3.0), 0.15 * bound);
    EXPECT_TRUE(at::equal(adapter.a, same.a));
  }
  const auto tokens = at::arange(8).view({1, 8});
  EXPECT_TRUE(at::equal(Transformer(model.config(), lora.adapted().clone()).logits(tokens), model.logits(tokens)));
}

TEST(Lora, MayBeginBesideTheModel) {
  const Transformer model = tiny("gpt2");
  auto settings = everywhere(model.config(), 4, 8);
  settings.start = 0.02;
  const Lora lora(model.weights(), settings, Random(3, "lora"));
  for (const auto& adapter : lora.adapters()) EXPECT_NEAR(adapter.b.std().item<double>(), 0.02, 0.006);
}

TEST(Lora, BadInputIsOneLine) {
  const Transformer model = tiny("gpt2");
  const auto make = [&](LoraSettings settings) {
    return error_of([&] { Lora(model.weights(), settings, Random(0, "lora")); });
  };
  EXPECT_EQ(make({0, 1, {LinearMap::q}, {0}, 0}), "[lora] got rank 0, expected 1 or more");
  EXPECT_EQ(make({1, 0, {LinearMap::q}, {0}, 0}), "[lora] got alpha 0, expected above 0");
  EXPECT_EQ(make({1, 1, {LinearMap::q}, {2}, 0}), "[lora] got layer 2, expected 0 to 1");
  EXPECT_EQ(make({1, 1, {LinearMap::gate}, {0}, 0}), "[lora] the model has no map \"gate\"");
  EXPECT_EQ(make({1, 1, {}, {0}, 0}), "[lora] got 0 maps in 1 layers, expected some");
}

}  // namespace
}  // namespace fairfight
