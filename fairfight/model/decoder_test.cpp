#include "fairfight/model/decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "fairfight/base/testing.h"
#include "fairfight/model/checkpoint.h"
#include "fairfight/model/generate.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

namespace fs = std::filesystem;
using Text = std::vector<int32_t>;

/// Every architecture, with windows, grouped heads, caps and all scalings of ropes: their passes are held against transformers
/// by parity_test.cpp, and the cache here against their passes.
std::vector<fs::path> folders() {
  std::vector<fs::path> list;
  for (const auto& entry : fs::directory_iterator(fs::path(FAIRFIGHT_TEST_DATA) / "parity"))
    if (fs::exists(entry.path() / "golden.safetensors")) list.push_back(entry.path());
  std::sort(list.begin(), list.end());
  return list;
}

class Decoding : public testing::TestWithParam<fs::path> {
 protected:
  Text text(uint64_t seed, int64_t length) const {
    Random random(seed, "decoder");
    Text ids;
    for (int64_t i = 0; i < length; ++i) ids.push_back(int32_t(random.below(size_t(model_.config().vocab))));
    return ids;
  }
  /// Of a whole pass over this text alone.
  at::Tensor plain(const Text& text) const {
    const at::NoGradGuard no_grad;
    return model_.logits(at::tensor(std::vector<int64_t>(text.begin(), text.end()), at::kLong).unsqueeze(0))[0][-1];
  }
  /// In units of the largest logit.
  static double apart(const at::Tensor& got, const at::Tensor& reference) {
    return ((got - reference).abs().max() / reference.abs().max()).item<double>();
  }

  const Transformer model_ = load_model(GetParam().string()).model;
  const int64_t n_ctx_ = std::min<int64_t>(model_.config().n_ctx, 24);
};

TEST_P(Decoding, TextsOfUnequalLengthGrowAsEachDoesAlone) {
  std::vector<Text> texts{text(1, 3), text(2, 1), text(3, n_ctx_ / 2)};
  Decoder decoder(model_, texts, n_ctx_);
  for (int64_t i = 0; i < 3; ++i) EXPECT_LT(apart(decoder.first_logits()[i], plain(texts[size_t(i)])), 1e-5) << i;
  Random random(4, "decoder");
  for (int64_t turn = 0;; ++turn) {
    std::vector<int64_t> which;  // not always all of them
    Text tokens;
    for (int64_t i = 0; i < 3; ++i)
      if (int64_t(texts[size_t(i)].size()) < n_ctx_ && (turn + i) % 4 != 0) {
        which.push_back(i);
        tokens.push_back(int32_t(random.below(size_t(model_.config().vocab))));
        texts[size_t(i)].push_back(tokens.back());
      }
    if (which.empty() && turn > 3 * n_ctx_) break;
    if (which.empty()) continue;
    const auto logits = decoder.extend(which, tokens);
    for (size_t i = 0; i < which.size(); ++i)
      ASSERT_LT(apart(logits[int64_t(i)], plain(texts[size_t(which[i])])), 1e-5) << "text " << which[i] << ", token " << texts[size_t(which[i])].size();
  }
  EXPECT_EQ(decoder.texts(), texts);
}

TEST_P(Decoding, GreedyTextIsThatOfWholePasses) {
  const std::vector<Text> prompts{text(5, 4), text(6, 1), text(7, 2)};
  const auto together = generate(model_, prompts, n_ctx_, 0, {}, Random(0, "g"));
  for (size_t i = 0; i < prompts.size(); ++i) {
    EXPECT_EQ(together[i].size(), size_t(std::min(model_.config().n_ctx, int64_t(prompts[i].size()) + n_ctx_)));
    EXPECT_EQ(generate(model_, {prompts[i]}, n_ctx_, 0, {}, Random(0, "g"), Taps())[0], together[i]);
  }
}

INSTANTIATE_TEST_SUITE_P(Models, Decoding, testing::ValuesIn(folders()), [](const auto& info) { return info.param.filename().string(); });

TEST(Decoder, RefusesWhatItHasNoRoomFor) {
  const auto model = load_model((fs::path(FAIRFIGHT_TEST_DATA) / "parity/llama_tied").string()).model;
  EXPECT_THAT(error_of([&] { Decoder(model, {{1}, {}}, 4); }), testing::HasSubstr("a text of 0 tokens"));
  EXPECT_THAT(error_of([&] { Decoder(model, {{1, 2, 3, 4, 5}}, 4); }), testing::HasSubstr("a text of 5 tokens, expected 1 to 4"));
  EXPECT_THAT(error_of([&] { Decoder(model, {{1}}, 12); }), testing::HasSubstr("context of 11"));
  Decoder full(model, {{1, 2}}, 2);
  EXPECT_THAT(error_of([&] { full.extend({0}, {1}); }), testing::HasSubstr("a token more than the 2"));
}

}  // namespace
}  // namespace fairfight
