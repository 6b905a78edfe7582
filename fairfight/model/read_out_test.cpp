#include "fairfight/model/read_out.h"

#include <gtest/gtest.h>

#include "fairfight/base/error.h"
#include "fairfight/base/testing.h"
#include "fairfight/model/testing.h"

namespace fairfight {
namespace {

constexpr int64_t kD = 16;

struct Case {
  int64_t vocab, positions;
  double cap;
  Precision products;
};

/// Everything is held against log_softmax in float64 of the same numbers.
class ReadOutTest : public testing::TestWithParam<Case> {
 protected:
  ReadOut said(const at::Tensor& x) const {
    const bool narrow = GetParam().products == Precision::bfloat16;
    return ReadOut(x, narrow ? unembed.to(at::kBFloat16) : unembed, bias, GetParam().cap, GetParam().products);
  }
  at::Tensor exact(const at::Tensor& x) const {
    const bool narrow = GetParam().products == Precision::bfloat16;
    const auto to = [&](const at::Tensor& t) { return (narrow ? t.to(at::kBFloat16) : t).to(at::kDouble); };
    auto logits = to(x).matmul(to(unembed).t()) + bias.to(at::kDouble);
    if (GetParam().cap > 0) logits = (logits / GetParam().cap).tanh() * GetParam().cap;
    return logits.log_softmax(-1);
  }
  at::Tensor picked(const at::Tensor& log_p) const {
    return log_p.gather(-1, targets.clamp_min(0).unsqueeze(-1)).squeeze(-1).masked_fill(targets < 0, 0);
  }
  static double apart(const at::Tensor& a, const at::Tensor& b) { return (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>(); }

  int64_t vocab = GetParam().vocab, positions = GetParam().positions;
  at::Tensor state = normal({2, positions, kD}, 1), other = state + 0.3 * normal({2, positions, kD}, 2), unembed = normal({vocab, kD}, 3),
             bias = normal({vocab}, 4);
  at::Tensor targets = [this] {
    auto t = at::randint(vocab, {2, positions}, at::detail::createCPUGenerator(5), at::kLong);
    t[0][0] = -1;
    t[1][0] = vocab - 1;
    return t;
  }();
};

TEST_P(ReadOutTest, SaysWhatTheLogitsSay) {
  const auto log_p = exact(state);
  const Outputs got = said(state).outputs(targets);
  EXPECT_LT(apart(got.log_probability, picked(log_p)), 2e-5);
  EXPECT_LT(apart(got.max_log_probability, log_p.amax(-1)), 2e-5);
  EXPECT_LT(apart(got.entropy, -(log_p.exp() * log_p).sum(-1)), 5e-5);
  EXPECT_LT(apart(got.log_normalizer, said(state).logits().to(at::kDouble).logsumexp(-1)), 2e-5);
  EXPECT_LT(apart(said(state).log_probabilities(targets), picked(log_p)), 2e-5);
  const auto two = at::stack({targets.clamp_min(0), at::full_like(targets, -1), at::full_like(targets, vocab / 2)}, -1);
  EXPECT_LT(apart(said(state).probability(two), log_p.exp().gather(-1, two.clamp_min(0)).mul(two >= 0).sum(-1)), 1e-5);
}

TEST_P(ReadOutTest, GradientNormsAreThoseOfTheUnembedding) {
  const bool narrow = GetParam().products == Precision::bfloat16;
  const auto to = [&](const at::Tensor& t) { return (narrow ? t.to(at::kBFloat16) : t).to(at::kDouble); };
  const auto w = to(unembed).requires_grad_(true);
  const auto norms = said(state).gradient_norms();
  for (const int64_t at : {int64_t(0), positions - 1}) {
    auto logits = to(state[1][at]).matmul(w.t()) + bias.to(at::kDouble);
    if (GetParam().cap > 0) logits = (logits / GetParam().cap).tanh() * GetParam().cap;
    const auto gradient = torch::autograd::grad({-logits.log_softmax(-1).mean()}, {w})[0];  // of KL(uniform ‖ p), which differs by a constant
    EXPECT_NEAR(norms[1][at].item<double>() / gradient.abs().sum().item<double>(), 1, narrow ? 1e-2 : 1e-5);
  }
}

TEST_P(ReadOutTest, ComparesTwoModels) {
  const auto p = exact(other), q = exact(state);
  const auto got = said(other).compared(said(state), targets);
  EXPECT_LT(apart(got.log_probability, picked(p)), 2e-5);
  EXPECT_LT(apart(got.reference_log_probability, picked(q)), 2e-5);
  EXPECT_LT(apart(got.divergence, (q.exp() * (q - p)).sum(-1)), 2e-5);
  EXPECT_LT(said(state).compared(said(state), targets).divergence.abs().max().item<double>(), 1e-9);
}

/// A weighted sum of the values, so that each row's gradient has its own length.
TEST_P(ReadOutTest, GradientsAreThoseOfThePlainFormula) {
  const auto weights = normal({2, positions}, 6), counted = targets >= 0;
  const bool narrow = GetParam().products == Precision::bfloat16;
  for (const bool divergence : {false, true}) {
    const auto x = other.clone().requires_grad_(true), w = unembed.clone().requires_grad_(!narrow), b = bias.clone().requires_grad_(true);
    const ReadOut learner(x, narrow ? w.to(at::kBFloat16) : w, b, GetParam().cap, GetParam().products);
    const auto values = divergence ? learner.divergence(said(state), counted) : learner.log_probabilities(targets);
    (values * weights).sum().backward();

    const auto x64 = other.to(at::kDouble).requires_grad_(true), w64 = unembed.to(at::kDouble).requires_grad_(true), b64 = bias.to(at::kDouble).requires_grad_(true);
    const auto to = [&](const at::Tensor& t) { return narrow ? t.to(at::kBFloat16).to(at::kDouble) : t; };
    auto logits = to(x64).matmul(to(w64).t()) + b64;
    if (GetParam().cap > 0) logits = (logits / GetParam().cap).tanh() * GetParam().cap;
    const auto log_p = logits.log_softmax(-1), q = exact(state);
    const auto plain = divergence ? (q.exp() * (q - log_p)).sum(-1).mul(counted) : picked(log_p);
    (plain * weights).sum().backward();
    const double rounding = narrow ? 3e-2 : 2e-4;
    const auto relative = [](const at::Tensor& a, const at::Tensor& b) { return (a.to(at::kDouble) - b).norm().item<double>() / b.norm().item<double>(); };
    EXPECT_LT(apart(values, plain), 5e-5);
    EXPECT_LT(relative(x.grad(), x64.grad()), rounding) << divergence;
    EXPECT_LT(relative(b.grad(), b64.grad()), rounding) << divergence;
    if (!narrow) {
      EXPECT_LT(relative(w.grad(), w64.grad()), rounding) << divergence;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Vocabularies, ReadOutTest,
                         testing::Values(Case{7, 9, 0, Precision::float32}, Case{512, 9, 5, Precision::float32}, Case{4097, 300, 0, Precision::float32},
                                         Case{50'257, 50, 0, Precision::float32}, Case{50'257, 50, 3, Precision::float32},
                                         Case{512, 9, 0, Precision::bfloat16}, Case{50'257, 50, 0, Precision::bfloat16}, Case{262'144, 9, 0, Precision::float32}));

TEST(ReadOut, ABiasIsAddedToTheLogits) {
  const auto state = normal({2, 3, kD}, 1), unembed = normal({7, kD}, 3), bias = normal({7}, 4), more = normal({7}, 5);
  const auto expected = (state.matmul(unembed.t()) + bias + more).to(at::kDouble);
  EXPECT_LT((ReadOut(state, unembed, bias).biased(more).logits() - expected).abs().max().item<double>(), 1e-5);
  auto ban = at::zeros({7});
  ban[2] = -1e4;
  const auto p = ReadOut(state, unembed).biased(ban).probability(at::full({2, 3, 1}, 2, at::kLong));
  EXPECT_EQ(p.max().item<float>(), 0);
}

TEST(ReadOut, WhatIsForcedIsCertain) {
  for (const int64_t vocab : {11, 9000}) {
    ReadOut said(normal({1, 3, 6}, 1), normal({vocab, 6}, 2));
    const auto free = said.log_probabilities(at::tensor({3, 4, 5}, at::kLong).unsqueeze(0));
    said.force(at::tensor({0, 1, 0}).to(at::kBool).unsqueeze(0), vocab - 1);
    const auto certain = said.outputs(at::full({1, 3}, vocab - 1, at::kLong));
    EXPECT_NEAR(certain.log_probability[0][1].item<double>(), 0, 1e-6);
    EXPECT_NEAR(certain.entropy[0][1].item<double>(), 0, 1e-6);
    const auto now = said.log_probabilities(at::tensor({3, 4, 5}, at::kLong).unsqueeze(0));
    EXPECT_NEAR(now[0][1].item<double>(), -30, 1e-5);
    EXPECT_EQ(now[0][0].item<float>(), free[0][0].item<float>());
    EXPECT_EQ(now[0][2].item<float>(), free[0][2].item<float>());
  }
}

TEST(ReadOut, NothingFlowsThroughWhatIsForced) {
  const auto x = normal({1, 2, 6}, 1).requires_grad_(true);
  ReadOut said(x, normal({11, 6}, 2));
  said.force(at::tensor({0, 1}).to(at::kBool).unsqueeze(0), 3);
  said.log_probabilities(at::tensor({3, 4}, at::kLong).unsqueeze(0)).sum().backward();
  EXPECT_GT(x.grad()[0][0].abs().max().item<double>(), 1e-3);
  EXPECT_EQ(x.grad()[0][1].abs().max().item<double>(), 0);
}

TEST(ReadOut, WhereNothingIsAskedNothingIsSaid) {
  const ReadOut said(normal({2, 3, 6}, 1), normal({11, 6}, 2));
  EXPECT_EQ(said.log_probabilities(at::full({2, 3}, -1, at::kLong)).abs().max().item<double>(), 0);
  EXPECT_EQ(error_of([&] { said.log_probabilities(at::zeros({2, 2}, at::kLong)); }), "[read_out] got targets [2, 2], expected [2, 3] of int64");
  EXPECT_EQ(error_of([&] { said.divergence(said, at::zeros({2, 3}, at::kBool)); }), "[divergence] no row is counted");
}

}  // namespace
}  // namespace fairfight
