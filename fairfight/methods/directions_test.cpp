#include "fairfight/methods/directions.h"

#include <gtest/gtest.h>

#include <cmath>

#include "fairfight/base/error.h"
#include "fairfight/model/testing.h"

namespace fairfight {
namespace {

Config llama() {
  Config c;
  c.vocab = 20;
  c.d_model = 12;
  c.n_layers = 3;
  c.n_heads = c.n_kv_heads = 2;
  c.d_head = 6;
  c.d_mlp = 16;
  c.n_ctx = 10;
  return c;
}
Config gpt2() {
  Config c = llama();
  c.arch = "gpt2";
  c.norm = Config::Norm::layer;
  c.positions = Config::Positions::learned;
  c.mlp = Config::Mlp::gelu_tanh;
  c.biases = true;
  return c;
}

class DirectionsTest : public testing::TestWithParam<bool> {
 protected:
  Transformer model() const {
    const Config c = GetParam() ? gpt2() : llama();
    Weights w = random_weights(c, Random(1, "model"));
    for (auto& block : w.blocks)
      if (block.o.b.defined())
        for (auto* b : {&block.o.b, &block.out.b}) b->normal_(0, 0.3, at::detail::createCPUGenerator(4));
    return Transformer(c, w);
  }
  const at::Tensor tokens = at::randint(20, {6, 8}, at::detail::createCPUGenerator(2), at::kLong);
  const at::Tensor direction = at::randn({12}, at::detail::createCPUGenerator(3), at::kDouble);
  const at::NoGradGuard no_grad;
};

TEST_P(DirectionsTest, OrthogonalWeightsEqualAblationAtEveryWrite) {
  const auto original = model();
  const auto hooked = ablation_hook(original.config(), direction)->logits(original, tokens);
  const auto baked = orthogonalised(original, direction).logits(tokens);
  EXPECT_LT(gap(hooked, baked), 2e-5);
  EXPECT_GT(gap(hooked, original.logits(tokens)), 0.01);
}

TEST_P(DirectionsTest, NothingAlongTheDirectionIsLeftInTheStream) {
  const auto baked = orthogonalised(model(), direction * 7);
  const auto x = baked.at(Site::parse("blocks.2.hook_resid_post"), tokens).to(at::kDouble);
  EXPECT_LT(x.matmul(direction).abs().max().item<double>(), 1e-5);
}

TEST_P(DirectionsTest, HalfTheStrengthTakesHalfOfWhatIsWritten) {
  const auto original = model();
  const auto half = orthogonalised(original, direction, 0.5);
  const auto along = [&](const Transformer& m) { return m.at(Site::parse("hook_embed"), tokens).to(at::kDouble).matmul(direction); };
  EXPECT_LT(gap(along(half), 0.5 * along(original)), 1e-5);
  EXPECT_EQ(gap(half.weights().unembed, original.weights().unembed), 0);
  EXPECT_FALSE(half.config().tied);
}

INSTANTIATE_TEST_SUITE_P(Archs, DirectionsTest, testing::Bool(), [](const auto& info) { return info.param ? "gpt2" : "llama"; });

TEST(Directions, TheDifferenceIsMadeInDoublePrecision) {
  const auto a = at::full({3000, 2}, 1e4 + 0.3, at::kFloat), b = at::full({2000, 2}, 1e4, at::kFloat);
  EXPECT_NEAR(difference_of_means(a, b)[0].item<double>(), double(float(1e4 + 0.3)) - 1e4, 1e-9);
  EXPECT_THROW(difference_of_means(a, b.slice(0, 0, 0)), Error);
  EXPECT_THROW(difference_of_means(a, b.slice(1, 0, 1)), Error);
}

TEST(Directions, RowsAreCountedFromThePromptsEnd) {
  const auto x = at::arange(24, at::kFloat).view({2, 6, 2});
  const auto answer_start = at::tensor({4, 1}, at::kLong);
  EXPECT_TRUE(rows_before(x, answer_start, 0).equal(at::stack({x[0][3], x[1][0]})));
  EXPECT_TRUE(rows_before(x, answer_start, 2).equal(at::stack({x[0][1], x[1][0]})));
}

TEST(Directions, TheOnsetScoreIsTheLogOddsOfTheWords) {
  const auto p = at::tensor({0.1, 0.3, 0.6}, at::kDouble);
  EXPECT_NEAR(answer_start_score(p.log(), at::tensor({1, 0, 1}).to(at::kBool)).item<double>(), std::log(0.7 / 0.3), 1e-6);
  EXPECT_NEAR(answer_start_score(at::tensor({-800.0, 0.0}, at::kDouble), at::tensor({1, 0}).to(at::kBool)).item<double>(), std::log(1e-8), 1e-6);
}

TEST(Directions, TheRuleTakesTheLowestOfTheAllowed) {
  //                                   layer  ablated induced divergence
  const std::vector<DirectionScore> scores{{9, -9, 1, 0.0},    // too deep
                                           {8, -9, 1, 0.0},    // 8 is not below 0.8 of 10
                                           {2, -8, -0.1, 0.0}, // induces nothing
                                           {2, -7, 1, 0.11},   // harms what is harmless
                                           {7, -5, 0, 0.1},
                                           {1, -6, 2, 0.05},
                                           {1, -2, 2, 0.05}};
  EXPECT_EQ(select_direction(scores, 10), 5U);
  EXPECT_EQ(select_direction(scores, 10, 0.2), 3U);
  EXPECT_EQ(select_direction(std::span(scores).first(4), 10), std::nullopt);
}

TEST(Directions, AZeroDirectionIsRefused) { EXPECT_THROW(ablation_hook(llama(), at::zeros({12})), Error); }

}  // namespace
}  // namespace fairfight
