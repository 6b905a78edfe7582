#include "fairfight/model/generate.h"

#include <gtest/gtest.h>

#include <cmath>

#include "fairfight/base/testing.h"
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

TEST(Generate, ASampledTextHangsOnNoOther) {
  const auto model = tiny();
  size_t stopped = 0;
  for (uint64_t seed = 0; seed < 10; ++seed) {
    const auto beside = [&](const std::vector<int32_t>& other, const std::vector<int64_t>& stops) { return generate(model, {other, {3}}, 3, 1, stops, Random(seed, "g")); };
    const auto both = beside({1, 2}, {});
    EXPECT_EQ(beside({1, 7}, {})[1], both[1]);
    const int32_t first = both[0][2];
    if (std::find(both[1].begin() + 1, both[1].end(), first) != both[1].end()) continue;
    EXPECT_EQ(beside({1, 2}, {first})[1], both[1]);  // where the other one ends at once
    ++stopped;
  }
  EXPECT_GT(stopped, 0u);
}

TEST(Generate, SamplesFollowTheSoftmax) {
  const auto model = tiny();
  const std::vector<std::vector<int32_t>> prompts(4000, {1, 2});
  std::vector<double> share(11, 0);
  for (const auto& text : generate(model, prompts, 1, 1, {}, Random(3, "g"))) share[size_t(text.back())] += 1.0 / 4000;
  const auto p = model.logits(at::tensor({1, 2}, at::kLong).unsqueeze(0))[0][1].softmax(0);
  for (int64_t i = 0; i < 11; ++i) EXPECT_NEAR(share[size_t(i)], p[i].item<double>(), 0.03);
}

/// The numbers are those of TemperatureLogitsWarper, TopKLogitsWarper and TopPLogitsWarper of transformers 5.24, one after the
/// other, then softmax.
TEST(Generate, ProbabilitiesAreThoseOfTransformersWarpers) {
  const auto logits = at::tensor({1.0f, -0.5f, 2.5f, 2.0f, 0.0f, 2.0f, -3.0f});
  const auto expect = [&](const Sampling& sampling, const std::vector<double>& reference) {
    const auto p = probabilities(logits, sampling);
    ASSERT_EQ(p.size(), reference.size());
    for (size_t i = 0; i < p.size(); ++i) EXPECT_NEAR(p[i], reference[i], 1e-6) << i;
  };
  expect({1, 0, 1}, {0.086748492, 0.019356205, 0.38877977, 0.23580685, 0.031912987, 0.23580685, 0.001588854});
  expect({0.5, 0, 1}, {0.027739938, 0.0013810902, 0.55717155, 0.20497196, 0.0037541924, 0.20497196, 9.3057126e-06});
  expect({1, 3, 1}, {0, 0, 0.45186276, 0.27406862, 0, 0.27406862, 0});
  expect({1, 2, 1}, {0, 0, 0.45186276, 0.27406862, 0, 0.27406862, 0});
  expect({1.5, 0, 0.8}, {0.13134132, 0, 0.35702274, 0.25581797, 0, 0.25581797, 0});
  expect({1, 0, 0.3}, {0, 0, 1, 0, 0, 0, 0});
  expect({1, 0, 0}, {0, 0, 1, 0, 0, 0, 0});
  expect({2, 4, 0.75}, {0, 0, 0.39099132, 0.30450434, 0, 0.30450434, 0});
  expect({1, 100, 0.999}, {0.086748492, 0.019356205, 0.38877977, 0.23580685, 0.031912987, 0.23580685, 0.001588854});
  expect({1, 1, 1}, {0, 0, 1, 0, 0, 0, 0});
  expect({0, 3, 0.5}, {0, 0, 1, 0, 0, 0, 0});
}

TEST(Generate, RefusesWhatItCannotContinue) {
  const auto error = [](const std::vector<int32_t>& prompt, const Sampling& sampling) {
    return error_of([&] { generate(tiny(), {{1}, prompt}, 1, sampling, {}, Random(0, "g")); });
  };
  EXPECT_EQ(error({1}, 0), "");
  EXPECT_NE(error({}, 0), "");
  EXPECT_EQ(error(std::vector<int32_t>(10, 1), 0), "");
  EXPECT_NE(error(std::vector<int32_t>(11, 1), 0).find("11 tokens"), std::string::npos);
  EXPECT_NE(error({1}, -1), "");
  EXPECT_NE(error({1}, NAN), "");
  EXPECT_NE(error({1}, {1, -1}), "");
  EXPECT_NE(error({1}, {1, 0, 1.1}), "");
  EXPECT_NE(error({1}, {1, 0, NAN}), "");
}

}  // namespace
}  // namespace fairfight
