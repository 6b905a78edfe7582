#include "fairfight/model/kernels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "fairfight/base/error.h"
#include "fairfight/model/rope.h"
#include "fairfight/model/testing.h"

namespace fairfight {
namespace {

using Tensors = std::vector<at::Tensor>;
using Formula = std::function<at::Tensor(const Tensors&)>;

/// Value and gradients of the fused operation (float32) against the plain formula in float64.
void expect_same(const Formula& fused, const Formula& plain, Tensors inputs, double tolerance = 2e-5) {
  Tensors doubles;
  for (auto& x : inputs) {
    doubles.push_back(x.to(at::kDouble).set_requires_grad(true));
    x.set_requires_grad(true);
  }
  const auto y = fused(inputs), y64 = plain(doubles);
  EXPECT_LT((y - y64).abs().max().item<double>(), tolerance);
  const auto g = normal(y.sizes(), 99);
  torch::autograd::backward({(y * g).sum(), (y64 * g.to(at::kDouble)).sum()});
  for (size_t i = 0; i < inputs.size(); ++i) {
    const auto scale = doubles[i].grad().abs().max().item<double>() + 1;
    EXPECT_LT((inputs[i].grad() - doubles[i].grad()).abs().max().item<double>() / scale, tolerance) << "input " << i;
  }
}

TEST(Kernels, RmsNorm) {
  expect_same([](const Tensors& t) { return rms_norm(t[0], t[1], 1e-5); },
              [](const Tensors& t) { return t[0] / (t[0].square().mean(-1, true) + 1e-5).sqrt() * t[1]; },
              {normal({3, 7, 24}, 1), normal({24}, 2)});
}

/// For few rows and for many, at more outputs than are widened at once.
TEST(Kernels, LinearOfBfloat16WeightsNeedsNoBfloat16Cpu) {
  const at::NoGradGuard no_grad;
  const auto w = normal({4099, 33}, 1).to(at::kBFloat16), b = normal({4099}, 2);
  const bool narrows = training_precision() == Precision::bfloat16;
  for (const int64_t rows : {3, 5, 70}) {
    const auto x = normal({1, rows, 33}, 3);
    const auto exact = at::matmul(x.to(at::kDouble), w.to(at::kDouble).t()) + b;
    EXPECT_LT(gap(linear(x, w, b, Precision::bfloat16), exact), narrows ? 0.01 * exact.abs().max().item<double>() : 1e-4) << rows;
  }
}

/// Large weights go another way where nothing learns; all ways lead to the same product.
TEST(Kernels, LinearIsTheSameWithAndWithoutGradients) {
  const auto w = normal({1024, 513}, 1), b = normal({1024}, 2), x = normal({2, 9, 513}, 3);
  const auto exact = (at::matmul(x.to(at::kDouble), w.to(at::kDouble).t()) + b).to(at::kFloat);
  for (const auto& rows : {x, x.slice(2, 0, 513).transpose(0, 1), x.narrow(1, 0, 1)})
    for (const bool learns : {false, true}) {
      const auto y = linear(rows, w.clone().set_requires_grad(learns), b, Precision::float32);
      const auto expected = at::matmul(rows.to(at::kDouble), w.to(at::kDouble).t()) + b;
      EXPECT_EQ(y.requires_grad(), learns);
      EXPECT_LT((y - expected).abs().max().item<double>(), 1e-4);
    }
  EXPECT_LT((linear(x, w, b, Precision::float32) - exact).abs().max().item<double>(), 1e-4);
}

TEST(Kernels, MapsOfOneInput) {
  const auto three = [](const auto& map) {
    return [map](const Tensors& t) {
      const auto y = map(t);
      return at::cat({y[0], y[1].sin(), y[2] * y[2]}, -1);
    };
  };
  const auto fused = [](const Tensors& t) { return linears(t[0], {{t[1], t[2], {}}, {t[3], {}, {}}, {t[4], {}, {}}}, Precision::float32); };
  const auto plain = [](const Tensors& t) {
    return Tensors{at::matmul(t[0], t[1].t()) + t[2], at::matmul(t[0], t[3].t()), at::matmul(t[0], t[4].t())};
  };
  expect_same(three(fused), three(plain), {normal({3, 7, 24}, 1), normal({9, 24}, 2) / 5, normal({9}, 3), normal({24, 24}, 4) / 5, normal({70, 24}, 5) / 5});
}

/// Beside frozen weights and beside such as learn, in either precision.
TEST(Kernels, AdaptedMaps) {
  const Tensors inputs{normal({3, 7, 24}, 1), normal({9, 24}, 2) / 5, normal({4, 24}, 3) / 5, normal({9, 4}, 4), normal({8, 24}, 5) / 5, normal({2, 24}, 6) / 5, normal({8, 2}, 7)};
  const auto maps = [](const Tensors& t, const at::Tensor& w) { return std::vector<Linear>{{t[1], {}, {t[2], t[3], 0.5}}, {w, {}, {t[5], t[6], 2}}, {t[4], {}, {}}}; };
  const auto joined = [](const Tensors& y) { return at::cat({y[0], y[1].sin(), y[2]}, -1); };
  const auto frozen = normal({8, 24}, 8) / 5;
  const auto with = [&](Precision products) { return [&, products](const Tensors& t) { return joined(linears(t[0], maps(t, frozen), products)); }; };
  const auto fused = with(Precision::float32);
  const auto plain = [&](const Tensors& t) {
    Tensors y;
    for (const auto& m : maps(t, frozen)) y.push_back(at::matmul(t[0], (m.adapted() ? m.w + m.adapter.scale * m.adapter.b.matmul(m.adapter.a) : m.w).t()));
    return joined(y);
  };
  Tensors others;
  for (const auto& t : inputs) others.push_back(t.clone());
  expect_same(fused, plain, inputs);
  expect_same(with(Precision::bfloat16), plain, others, 0.05);
  const at::NoGradGuard no_grad;
  EXPECT_LT((fused(inputs) - plain(inputs)).abs().max().item<double>(), 1e-4);
  const auto one = inputs[0].slice(0, 0, 1).slice(1, 0, 1);  // few rows go another way
  EXPECT_LT((linear(one, maps(inputs, frozen)[0], Precision::float32) - one.matmul(maps(inputs, frozen)[0].whole().t())).abs().max().item<double>(), 1e-5);
}

/// One map's output is not used, another map does not learn, and then the input does not.
TEST(Kernels, MapsOfWhichSomeLearn) {
  for (const bool x_learns : {true, false}) {
    const auto x = normal({5, 24}, 1).set_requires_grad(x_learns), frozen = normal({9, 24}, 2), learner = normal({8, 24}, 3).set_requires_grad(true),
               unused = normal({7, 24}, 4).set_requires_grad(true);
    const auto y = linears(x, {{frozen, {}, {}}, {learner, {}, {}}, {unused, {}, {}}}, Precision::float32);
    (y[0].sum() + y[1].square().sum()).backward();
    const auto dy = 2 * x.detach().matmul(learner.detach().t());
    EXPECT_FALSE(frozen.grad().defined());
    EXPECT_FALSE(unused.grad().defined() && unused.grad().abs().max().item<double>() > 0);
    EXPECT_LT((learner.grad() - dy.t().matmul(x.detach())).abs().max().item<double>(), 1e-3);
    EXPECT_EQ(x.grad().defined(), x_learns);
    if (x_learns) {
      EXPECT_LT((x.grad() - frozen.sum(0) - dy.matmul(learner.detach())).abs().max().item<double>(), 1e-3);
    }
  }
}

TEST(Kernels, SwiGlu) {
  expect_same([](const Tensors& t) { return swiglu(t[0], t[1]); }, [](const Tensors& t) { return at::silu(t[0]) * t[1]; },
              {normal({5, 33}, 1) * 4, normal({5, 33}, 2)});
}

TEST(Kernels, SwiGluOfExtremeValuesIsFinite) {
  const auto gate = at::tensor({-1e4f, -100.f, 100.f, 1e4f});
  EXPECT_TRUE(swiglu(gate, at::ones({4})).isfinite().all().item<bool>());
}

TEST(Kernels, RotateTurnsTheTwoHalvesOfTheFirstDimensions) {
  for (const double part : {1.0, 0.5}) {
    Rope rope;
    rope.part = part;
    const Angles a = angles(rope, 8, 9, {9});
    const int64_t half = int64_t(4 * part);
    const auto plain = [&](const Tensors& t) {
      const auto frequency = at::pow(10000.0, -at::arange(half, at::kDouble) / double(half));
      const auto angle = at::arange(t[0].size(1), at::kDouble).unsqueeze(1) * frequency;  // [pos, half]
      const auto c = angle.cos().unsqueeze(1), s = angle.sin().unsqueeze(1);
      const auto x = t[0].slice(3, 0, half), y = t[0].slice(3, half, 2 * half);
      return at::cat({x * c - y * s, y * c + x * s, t[0].slice(3, 2 * half)}, 3);
    };
    expect_same([&](const Tensors& t) { return rotate(t[0], a.cosine, a.sine); }, plain, {normal({2, 9, 3, 8}, 1)});
  }
}

TEST(Kernels, CausalAttentionWithGroupedHeadsAndWindows) {
  for (const int64_t window : {0, 1, 4, 50})
    for (const int64_t kv_heads : {4, 2}) {
      const auto plain = [&](const Tensors& t) {
        const int64_t pos = t[0].size(1), group = t[0].size(2) / t[1].size(2);
        const auto q = t[0].transpose(1, 2), k = t[1].repeat_interleave(group, 2).transpose(1, 2),
                   v = t[2].repeat_interleave(group, 2).transpose(1, 2);
        const auto scores = at::matmul(q, k.transpose(2, 3)) * 0.3;
        auto hidden = at::ones({pos, pos}, at::kBool).triu(1);
        if (window > 0) hidden = hidden.logical_or(at::ones({pos, pos}, at::kBool).tril(-window));
        return at::matmul(scores.masked_fill(hidden, -INFINITY).softmax(-1), v).transpose(1, 2);
      };
      const auto fused = [&](const Tensors& t) { return causal_attention(t[0], t[1], t[2], 0.3, window); };
      expect_same(fused, plain, {normal({2, 11, 4, 8}, 1), normal({2, 11, kv_heads, 8}, 2), normal({2, 11, kv_heads, 8}, 3)});
    }
}

TEST(Kernels, AttentionIsTheSameWithoutGradients) {
  const auto q = normal({2, 9, 4, 8}, 1), k = normal({2, 9, 2, 8}, 2), v = normal({2, 9, 2, 8}, 3);
  const auto with = causal_attention(q, k, v, 0.3);
  at::NoGradGuard no_grad;
  EXPECT_TRUE(at::equal(with, causal_attention(q, k, v, 0.3)));
}

TEST(Kernels, CrossEntropySkipsNegativeTargets) {
  const auto targets = at::tensor({3, -1, 0, 6, -1, 2}, at::kLong);
  expect_same([&](const Tensors& t) { return cross_entropy(t[0], targets); },
              [&](const Tensors& t) {
                const auto kept = at::nonzero(targets.ge(0)).flatten();
                return -t[0].log_softmax(-1).index_select(0, kept).gather(1, targets.index_select(0, kept).unsqueeze(1)).mean();
              },
              {normal({6, 7}, 1) * 3});
  EXPECT_THROW(cross_entropy(normal({2, 7}, 1), at::tensor({-1, -1}, at::kLong)), Error);
}

TEST(Kernels, Bfloat16ProductsStayWithinTheirPrecision) {
  auto x = normal({4, 16, 32}, 1).set_requires_grad(true), w = normal({24, 32}, 2).set_requires_grad(true);
  const auto exact = linear(x, w, {}, Precision::float32), rounded = linear(x, w, {}, Precision::bfloat16);
  EXPECT_LT((exact - rounded).norm().item<double>() / exact.norm().item<double>(), 6e-3);
  EXPECT_GT((exact - rounded).norm().item<double>(), 0);
  torch::autograd::backward({exact.sum()});
  const auto dx = x.grad().clone(), dw = w.grad().clone();
  x.mutable_grad() = at::Tensor();
  w.mutable_grad() = at::Tensor();
  torch::autograd::backward({rounded.sum()});
  EXPECT_LT((x.grad() - dx).norm().item<double>() / dx.norm().item<double>(), 1.2e-2);
  EXPECT_LT((w.grad() - dw).norm().item<double>() / dw.norm().item<double>(), 1.2e-2);
}

}  // namespace
}  // namespace fairfight
