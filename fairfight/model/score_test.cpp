#include "fairfight/model/score.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "fairfight/base/not_finite.h"
#include "fairfight/base/random.h"
#include "fairfight/base/testing.h"
#include "fairfight/model/checkpoint.h"
#include "fairfight/model/generate.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

using Text = std::vector<int32_t>;

Transformer model_of(const char* name) {
  return load_model((std::filesystem::path(FAIRFIGHT_TEST_DATA) / "parity" / name).string()).model;
}

Text random_text(const Config& c, uint64_t seed, int64_t length) {
  Random random(seed, "score");
  Text ids;
  for (int64_t i = 0; i < length; ++i) ids.push_back(int32_t(random.below(size_t(c.vocab))));
  return ids;
}

std::vector<std::vector<float>> scores(const Transformer& model, const std::vector<Text>& texts, int64_t stride) {
  return log_probabilities([&](const at::Tensor& t) { return model.read_out(t); }, model.config(), texts, stride);
}

/// log p of the token at `at`, in float64, where a pass sees the text from `from` on.
double plain(const Transformer& model, const Text& text, int64_t from, int64_t at, int64_t end) {
  const at::NoGradGuard no_grad;
  const std::vector<int64_t> ids(text.begin() + from, text.begin() + end);
  return model.logits(at::tensor(ids, at::kLong).unsqueeze(0))[0][at - 1 - from].to(at::kDouble).log_softmax(0)[text[size_t(at)]].item<double>();
}

TEST(Score, TextsOfUnequalLengthAreScoredAsAlone) {
  for (const char* name : {"llama_grouped", "gpt2", "gemma2", "llama_dynamic", "phi3_longrope"}) {
    const auto model = model_of(name);
    const int64_t n_ctx = model.config().n_ctx;
    const std::vector<Text> texts{random_text(model.config(), 1, 5), {}, random_text(model.config(), 2, n_ctx), {3}, random_text(model.config(), 4, 6)};
    const auto got = scores(model, texts, n_ctx / 2);
    ASSERT_EQ(got.size(), texts.size());
    for (size_t t = 0; t < texts.size(); ++t) {
      const auto size = int64_t(texts[t].size());
      ASSERT_EQ(int64_t(got[t].size()), std::max<int64_t>(0, size - 1));
      for (int64_t at = 1; at < size; ++at) EXPECT_NEAR(got[t][size_t(at - 1)], plain(model, texts[t], 0, at, size), 1e-5) << name << " " << t << " " << at;
    }
  }
}

/// The recipe of transformers' documentation: windows of the context, each scores what is new in it.
TEST(Score, ALongTextIsReadInWindows) {
  const auto model = model_of("llama_tied");
  const int64_t n_ctx = model.config().n_ctx, length = 3 * n_ctx + 4;
  const Text text = random_text(model.config(), 1, length);
  for (const int64_t stride : {int64_t(1), n_ctx / 2, n_ctx - 1}) {
    const auto got = scores(model, {text}, stride)[0];
    int64_t scored = 0, previous = 0;
    for (int64_t begin = 0; begin < length; begin += stride) {
      const int64_t end = std::min(begin + n_ctx, length);
      for (int64_t at = std::max<int64_t>(previous, 1); at < end; ++at, ++scored)
        EXPECT_NEAR(got[size_t(at - 1)], plain(model, text, begin, at, end), 1e-5) << stride << " " << at;
      previous = end;
      if (end == length) break;
    }
    EXPECT_EQ(scored, length - 1);
  }
  EXPECT_THAT(error_of([&] { scores(model, {text}, 0); }), testing::HasSubstr("expected 1 to 10"));
  EXPECT_THAT(error_of([&] { scores(model, {text}, n_ctx); }), testing::HasSubstr("expected 1 to 10"));
}

/// The last state may be finite, and its products with the unembedding not.
TEST(Score, WhatIsNoNumberIsRefused) {
  const Config c = model_of("llama_tied").config();
  for (const float x : {NAN, 1e30f}) {
    const auto broken = [&](const at::Tensor& t) { return ReadOut(at::full({t.size(0), t.size(1), 4}, x), at::full({c.vocab, 4}, 1e30)); };
    EXPECT_THROW(log_probabilities(broken, c, {{1, 2}}, 1), NotFinite) << x;
    EXPECT_THROW(generate(broken, c.n_ctx, {{1, 2}}, 1, 0, {}, Random(0, "g")), NotFinite) << x;
  }
}

}  // namespace
}  // namespace fairfight
