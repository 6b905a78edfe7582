#include "fairfight/methods/attribution.h"

#include <gtest/gtest.h>

#include <cmath>

#include "fairfight/base/error.h"
#include "fairfight/dict/kinds.h"
#include "fairfight/model/testing.h"

namespace fairfight {
namespace {

constexpr int64_t kWord = 7;
const Site kLast = Site::parse("ln_final.hook_normalized");

class AttributionTest : public testing::Test {
 protected:
  AttributionTest() {
    auto weights = random_weights(small_config(), Random(1, "model"));
    weights.ln_final.w = normal({12}, 2).abs() + 0.5;
    for (auto& block : weights.blocks) {
      block.o.w *= 3;  // far from linear
      block.out.w *= 3;
    }
    model = std::make_unique<Transformer>(small_config(), weights);
    std::vector<std::vector<int32_t>> documents;
    Random random(1, "documents");
    for (int i = 0; i < 5; ++i) {
      documents.push_back({0});
      for (int j = 0; j < 4 + i; ++j) documents.back().push_back(int32_t(1 + random.below(19)));
    }
    batch = pad(documents);
    lengths = batch.valid.sum(1);
    dictionary = rebuild("topk", {{"W_dec", normal({30, 12}, 3) / normal({30, 12}, 3).norm(2, 1, true)}, {"b_dec", 0.1 * normal({12}, 4)}, {"W_enc", normal({30, 12}, 5)}, {"b_enc", 0.1 * normal({30}, 6)}, {"k", at::scalar_tensor(4, at::kLong)}});
  }

  /// The logit of a word after the last token.
  DocumentMetric word() const {
    return [this](const ReadOut& said, const at::Tensor& rows) {
      const auto last = lengths.index_select(0, rows).view({-1, 1});
      return said.logits().select(2, kWord).gather(1, last).squeeze(1);
    };
  }

  /// The mean metric with `change` (of codes) made at the valid positions.
  double metric_with(const Site& site, const std::function<at::Tensor(const Codes&)>& values) const {
    const at::NoGradGuard no_grad;
    const auto edit = [&](const at::Tensor& x) {
      const Codes f = dictionary->encode(x.flatten(0, 1));
      const Codes other{values(f), f.indices, f.width};
      return x + (dictionary->decode(other) - dictionary->decode(f)).view(x.sizes()) * batch.valid.unsqueeze(2);
    };
    return word()(model->read_out(batch.tokens, Taps().edit(site, edit)), at::arange(batch.documents())).mean().item<double>();
  }

  std::unique_ptr<Transformer> model;
  Batch batch;
  at::Tensor lengths;
  std::unique_ptr<Dictionary> dictionary;
};

TEST_F(AttributionTest, WhereTheRestIsLinearTheEffectsAreKnown) {
  const auto x = model->at(kLast, batch.tokens);
  const Codes f = dictionary->encode(x.flatten(0, 1));
  const auto dense = at::zeros({x.size(0) * x.size(1), 30}).scatter_add(1, f.indices.to(at::kLong), f.values).view({x.size(0), x.size(1), 30});
  const auto at_last = dense.gather(1, lengths.view({-1, 1, 1}).expand({-1, 1, 30})).squeeze(1);
  const auto pull = dictionary->w_dec().mv(model->weights().ln_final.w * model->weights().unembed[kWord]);
  const auto expected = -(at_last * pull).mean(0);
  for (const int64_t steps : {1, 3}) {
    const auto got = attribute(*model, *dictionary, kLast, batch, word(), {steps});
    EXPECT_LT((got.effects - expected).abs().max().item<double>(), 1e-5);
  }
  ASSERT_GT(expected.abs().max().item<double>(), 0.01);
}

TEST_F(AttributionTest, OneStepIsTheDerivative) {
  const auto effects = attribute(*model, *dictionary, kBetween, batch, word(), {1}).effects;
  for (const int64_t j : {effects.argmax().item<int64_t>(), effects.argmin().item<int64_t>()}) {
    // Central differences of fourth order: float32 allows steps this large only.
    const auto scaled = [&](double h) {
      return metric_with(kBetween, [&](const Codes& f) { return at::where(f.indices == j, f.values * (1 - h), f.values); });
    };
    const double h = 0.01;
    const double slope = (8 * (scaled(h) - scaled(-h)) - (scaled(2 * h) - scaled(-2 * h))) / (12 * h);
    EXPECT_NEAR(effects[j].item<double>(), slope, 1e-4 * std::abs(slope) + 5e-5) << j;
    EXPECT_GT(std::abs(slope), 0.01);
  }
}

TEST_F(AttributionTest, TheEffectsAddUpToTheWholeChange) {
  const double change = metric_with(kBetween, [](const Codes& f) { return at::zeros_like(f.values); }) - metric_with(kBetween, [](const Codes& f) { return f.values; });
  const auto sum = [&](int64_t steps) { return attribute(*model, *dictionary, kBetween, batch, word(), {steps}).effects.sum().item<double>(); };
  const double one = sum(1) - change, forty = sum(40) - change, eighty = sum(80) - change;
  EXPECT_GT(std::abs(one), 0.02);
  EXPECT_NEAR(forty / eighty, 2, 0.1);  // the error of a left Riemann sum
  EXPECT_LT(std::abs(2 * eighty - forty), 0.01 * std::abs(change));
}

TEST_F(AttributionTest, TowardsOtherCodes) {
  const auto x = model->at(kBetween, batch.tokens).flatten(0, 1);
  const Codes f = dictionary->encode(x), other = dictionary->encode(x.flip(0).contiguous());
  const at::NoGradGuard no_grad;
  const auto edit = [&](const at::Tensor& y) { return y + (dictionary->decode(other) - dictionary->decode(f)).view(y.sizes()) * batch.valid.unsqueeze(2); };
  const auto mean = [&](const Taps& taps) { return word()(model->read_out(batch.tokens, taps), at::arange(5)).mean().item<double>(); };
  const double change = mean(Taps().edit(kBetween, edit)) - mean({});
  const auto effects = attribute(*model, *dictionary, kBetween, batch, word(), {200, 2, other}).effects;
  EXPECT_NEAR(effects.sum().item<double>(), change, 0.01 * std::abs(change));
  // Towards itself nothing changes.
  EXPECT_LT(attribute(*model, *dictionary, kBetween, batch, word(), {1, 2, f}).effects.abs().max().item<double>(), 1e-5);
}

TEST_F(AttributionTest, ChunksChangeNothing) {
  const auto whole = attribute(*model, *dictionary, kBetween, batch, word(), {3, 32}).effects;
  EXPECT_LT((attribute(*model, *dictionary, kBetween, batch, word(), {3, 2}).effects - whole).abs().max().item<double>(), 1e-5);
}

TEST_F(AttributionTest, WhatDoesNotFitIsRefused) {
  EXPECT_THROW(attribute(*model, *dictionary, Site::parse("blocks.0.mlp.hook_post"), batch, word()), Error);
  EXPECT_THROW(attribute(*model, *dictionary, kBetween, batch, word(), {0}), Error);
  EXPECT_THROW(attribute(*model, *dictionary, kBetween, batch, [](const ReadOut& said, const at::Tensor&) { return said.logits().sum(); }), Error);
  const Codes few = dictionary->encode(normal({3, 12}, 1));
  EXPECT_THROW(attribute(*model, *dictionary, kBetween, batch, word(), {1, 2, few}), Error);
}

}  // namespace
}  // namespace fairfight
