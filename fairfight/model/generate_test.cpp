#include "fairfight/model/generate.h"

#include <gtest/gtest.h>

#include "fairfight/base/error.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

Transformer tiny() {
  Config c;
  c.vocab = 11;
  c.d_model = 8;
  c.n_layers = 1;
  c.n_heads = c.n_kv_heads = 2;
  c.d_head = 4;
  c.d_mlp = 8;
  c.n_ctx = 10;
  return {c, random_weights(c, Random(1, "generate"))};
}

/// Makes token `winner` the most likely one, whatever came before.
Edit favour(int64_t winner, const Transformer& model) {
  const auto row = model.weights().unembed[winner] * 1e6;
  return [row](const at::Tensor& x) { return row.expand_as(x); };
}

TEST(Generate, StopsAtTheStopTokenAndAtTheContext) {
  const auto model = tiny();
  Taps taps;
  taps.edit(Site::parse("ln_final.hook_normalized"), favour(7, model));
  const auto stopped = generate(model, {{1, 2}, {1}}, 5, 0, {7}, Random(0, "g"), taps);
  EXPECT_EQ(stopped, (std::vector<std::vector<int32_t>>{{1, 2, 7}, {1, 7}}));
  EXPECT_EQ(generate(model, {{1, 2}, {1}}, 5, 0, {3, 7}, Random(0, "g"), taps), stopped);
  EXPECT_EQ(generate(model, {{1, 2}}, 100, 0, {3, 4}, Random(0, "g"), taps)[0].size(), 10u);
  EXPECT_EQ(generate(model, {{1, 2}}, 100, 0, {}, Random(0, "g"), taps)[0].size(), 10u);
}

TEST(Generate, APaddedPromptContinuesAsAlone) {
  const auto model = tiny();
  const auto together = generate(model, {{1, 2, 3, 4}, {5}}, 4, 0, {}, Random(0, "g"));
  EXPECT_EQ(together[1], generate(model, {{5}}, 4, 0, {}, Random(0, "g"))[0]);
}

TEST(Generate, SamplesFollowTheSoftmax) {
  const auto model = tiny();
  const std::vector<std::vector<int32_t>> prompts(4000, {1, 2});
  std::vector<double> share(11, 0);
  for (const auto& text : generate(model, prompts, 1, 1, {}, Random(3, "g"))) share[size_t(text.back())] += 1.0 / 4000;
  const auto p = model.logits(at::tensor({1, 2}, at::kLong).unsqueeze(0))[0][1].softmax(0);
  for (int64_t i = 0; i < 11; ++i) EXPECT_NEAR(share[size_t(i)], p[i].item<double>(), 0.03);
}

TEST(Generate, RefusesAnEmptyPrompt) { EXPECT_THROW(generate(tiny(), {{}}, 1, 0, {}, Random(0, "g")), Error); }

}  // namespace
}  // namespace fairfight
