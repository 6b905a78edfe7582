#include "fairfight/methods/unlearning.h"

#include <gtest/gtest.h>

#include <functional>

#include "fairfight/base/error.h"
#include "fairfight/base/testing.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

constexpr int64_t kDocs = 3, kPos = 5, kVocab = 7, kD = 4;

/// sin(a i + b) + c cos(i), as in reference/unlearning.py, which printed what is expected here.
at::Tensor wave(at::IntArrayRef shape, double a, double b, double c = 0) {
  auto x = at::empty(shape, at::kDouble);
  for (int64_t i = 0; i < x.numel(); ++i) x.data_ptr<double>()[i] = std::sin(a * double(i) + b) + c * std::cos(double(i));
  return x;
}

at::Tensor bools(std::vector<int> values) { return at::tensor(values).view({kDocs, kPos}).to(at::kBool); }

class Unlearning : public testing::Test {
 protected:
  const at::Tensor logits = wave({kDocs, kPos, kVocab}, 1.7, 0.3) * 2, reference = wave({kDocs, kPos, kVocab}, 1.1, 0.9) * 2;
  const at::Tensor tokens = (at::arange(kDocs * kPos).view({kDocs, kPos}) * 5 + 2).remainder(kVocab);
  const at::Tensor mask = bools({0, 0, 1, 1, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 1});
  const at::Tensor other = bools({0, 1, 1, 0, 0, 0, 0, 0, 1, 1, 0, 1, 1, 1, 0});
  const at::Tensor h = wave({kDocs, kPos, kD}, 0.7, 0.2, 0.5), h_ref = wave({kDocs, kPos, kD}, 0.9, 1.2, 0.3);
  const at::Tensor u = at::tensor({0.1, 0.7, 0.5, 0.5}, at::kDouble);

  /// In float64, by the formula.
  at::Tensor sequence(const at::Tensor& z, const at::Tensor& m) const {
    const auto targets = targets_of(tokens, m);
    return z.log_softmax(-1).gather(2, targets.clamp_min(0).unsqueeze(2)).squeeze(2).masked_fill(targets < 0, 0).sum(1);
  }
  static ReadOut said(const at::Tensor& z) { return ReadOut(z.to(at::kFloat), at::eye(z.size(2))); }

  /// The value, and that the gradient is the slope in a direction in which every element moves.
  static void expect(const std::function<at::Tensor(const at::Tensor&)>& loss, const at::Tensor& at, double value) {
    const auto x = at.clone().requires_grad_(true);
    const auto got = loss(x);
    EXPECT_NEAR(got.item<double>(), value, 1e-10);
    got.backward();
    const auto direction = wave(at.sizes(), 2.3, 0.4);
    constexpr double kStep = 1e-6;
    const double slope = (loss(at + direction * kStep) - loss(at - direction * kStep)).item<double>() / (2 * kStep);
    const double along = (x.grad() * direction).sum().item<double>();
    EXPECT_NEAR(along, slope, 1e-7 * std::max(1.0, std::abs(slope)));
    EXPECT_GT(std::abs(along), 1e-4);
  }
};

TEST_F(Unlearning, LikelihoodsOfSequences) {
  const auto got = sequence(logits, mask);
  const double expected[]{-5.327850337626, -11.341157311556, -0.907434814288};
  for (int64_t i = 0; i < kDocs; ++i) EXPECT_NEAR(got[i].item<double>(), expected[i], 1e-10);
  EXPECT_LT((sequence_log_probabilities(said(logits), targets_of(tokens, mask)) - got).abs().max().item<double>(), 1e-5);
}

TEST_F(Unlearning, CrossEntropyIsTheMeanOverTheMask) {
  const auto x = logits.to(at::kFloat).requires_grad_(true);
  const auto loss = target_cross_entropy(said(x), targets_of(tokens, mask));
  EXPECT_NEAR(loss.item<double>(), 2.510920351924, 1e-6);
  loss.backward();
  const auto y = logits.clone().requires_grad_(true);
  (-sequence(y, mask).sum() / mask.sum()).backward();
  EXPECT_LT((x.grad() - y.grad()).abs().max().item<double>(), 1e-6);
  EXPECT_DOUBLE_EQ(gradient_ascent_loss(loss).item<double>(), -loss.item<double>());
}

TEST_F(Unlearning, DivergenceIsTheMeanOverTheMask) {
  const auto plain = [&](const at::Tensor& z) {
    const auto judged = targets_of(tokens, other) >= 0;
    const auto log_p = z.index({judged}).log_softmax(-1), log_ref = reference.index({judged}).log_softmax(-1);
    return (log_ref.exp() * (log_ref - log_p)).sum(-1).mean();
  };
  expect(plain, logits, 1.288322396674);
  const auto x = logits.to(at::kFloat).requires_grad_(true), y = logits.clone().requires_grad_(true), r = reference.to(at::kFloat).requires_grad_(true);
  const auto loss = target_divergence(said(x), said(r), targets_of(tokens, other));
  EXPECT_NEAR(loss.item<double>(), 1.288322396674, 1e-6);
  (loss * 3).backward();
  (plain(y) * 3).backward();
  EXPECT_LT((x.grad() - y.grad()).abs().max().item<double>(), 1e-6);
  EXPECT_FALSE(r.grad().defined());
  const auto near = reference.to(at::kFloat) + wave({kDocs, kPos, kVocab}, 0.3, 0.1).to(at::kFloat) * 1e-3;  // small, and not a difference of large ones
  const auto small = target_divergence(said(near), said(r), targets_of(tokens, other)).item<double>();
  EXPECT_NEAR(small, plain(near.to(at::kDouble)).item<double>(), 2e-8);
}

TEST_F(Unlearning, LossesOnTheLikelihoodOfTheAnswer) {
  const auto ce = [&](const at::Tensor& z, const at::Tensor& m) { return -sequence(z, m).sum() / m.sum(); };
  expect([&](const at::Tensor& z) { return grad_diff_loss(ce(z, mask), ce(z, other), 0.5, 2); }, logits, 3.185666117813);
  expect([&](const at::Tensor& z) { return npo_loss(sequence(z, mask), sequence(reference, mask), 0.3); }, logits,
         6.610904218406);
  expect([&](const at::Tensor& z) { return simnpo_loss(sequence(z, mask), mask.sum(1), 2.5, 0.4); }, logits, 0.067616940658);
  expect(
      [&](const at::Tensor& z) {
        return dpo_loss(sequence(z, other), sequence(reference, other), sequence(z, mask), sequence(reference, mask), 0.3);
      },
      logits, 0.541136727549);
}

TEST_F(Unlearning, LossesOnActivations) {
  expect([&](const at::Tensor& x) { return rmu_loss(x, u, 6.5, mask); }, h, 42.162234662633);
  expect([&](const at::Tensor& x) { return adaptive_rmu_loss(x, h_ref, u, 3, mask); }, h, 17.386953315118);
  expect([&](const at::Tensor& x) { return squared_distance(x, h_ref, other); }, h, 5.037227201537);
  expect([&](const at::Tensor& x) { return rerouting_loss(x, h_ref, mask); }, h, 0.324760716318);
  expect([&](const at::Tensor& x) { return distance(x, h_ref, other); }, h, 2.152736095064);
}

TEST_F(Unlearning, NpoTendsToGradientAscent) {
  const auto slope = [&](const std::function<at::Tensor(const at::Tensor&)>& loss) {
    const auto z = logits.clone().requires_grad_(true);
    loss(z).backward();
    return z.grad();
  };
  const auto npo = slope([&](const at::Tensor& z) { return npo_loss(sequence(z, mask), sequence(reference, mask), 1e-7); });
  const auto ascent = slope([&](const at::Tensor& z) { return sequence(z, mask).mean(); });
  EXPECT_LT((npo - ascent).abs().max().item<double>(), 1e-6);
}

TEST_F(Unlearning, NothingThatHasNotMovedPulls) {
  const auto x = h.clone().requires_grad_(true);
  distance(x, h, other).backward();
  EXPECT_EQ(x.grad().abs().max().item<double>(), 0);  // and is not 0/0
}

TEST_F(Unlearning, TheControlDirectionIsAPositiveUnitVector) {
  const auto direction = control_direction(64, Random(1, "u"));
  EXPECT_NEAR(direction.norm().item<double>(), 1, 1e-6);
  EXPECT_GE(direction.min().item<double>(), 0);
  EXPECT_TRUE(at::equal(direction, control_direction(64, Random(1, "u"))));
  EXPECT_FALSE(at::equal(direction, control_direction(64, Random(2, "u"))));
}

TEST_F(Unlearning, ReroutingMovesFromTheHarmToWhatIsKept) {
  EXPECT_DOUBLE_EQ(rerouting_weights(10, 0, 50).reroute, 10);
  EXPECT_DOUBLE_EQ(rerouting_weights(10, 0, 50).retain, 0);
  EXPECT_DOUBLE_EQ(rerouting_weights(10, 25, 50).reroute, 7.5);
  EXPECT_DOUBLE_EQ(rerouting_weights(10, 25, 50).retain, 2.5);
}

TEST_F(Unlearning, BadInputIsOneLine) {
  const auto first = at::ones_like(mask);
  EXPECT_EQ(error_of([&] { sequence(logits, first); }),
            "[unlearning] the mask has a token at position 0; nothing stands before it");
  EXPECT_EQ(error_of([&] { target_cross_entropy(said(logits), targets_of(tokens, at::zeros_like(mask))); }), "[unlearning] there is no target");
  EXPECT_EQ(error_of([&] { target_divergence(said(logits), said(reference), targets_of(tokens, at::zeros_like(mask))); }),
            "[divergence] no row is counted");
  EXPECT_EQ(error_of([&] { sequence(logits, mask.slice(1, 1)); }),
            "[unlearning] got tokens [3, 5], mask [3, 4], expected twice [docs, pos], the mask of bools");
  EXPECT_EQ(error_of([&] { sequence_log_probabilities(said(logits), tokens.slice(1, 1)); }),
            "[read_out] got targets [3, 4], expected [3, 5] of int64");
}

}  // namespace
}  // namespace fairfight
