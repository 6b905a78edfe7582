#include "fairfight/dict/kernels.h"

#include <gtest/gtest.h>

#include <cmath>

#include "fairfight/base/error.h"
#include "fairfight/base/random.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

at::Tensor normals(at::IntArrayRef shape, std::string_view name) {
  auto x = at::empty(shape, at::kFloat);
  Random random(7, name);
  for (int64_t i = 0; i < x.numel(); ++i) x.data_ptr<float>()[i] = float(random.normal());
  return x;
}

at::Tensor unit_rows(const at::Tensor& x) { return x / x.norm(2, 1, true); }

/// [rows, k] codes as the dense [rows, width] that they stand for.
at::Tensor dense(const Codes& codes) {
  return at::zeros({codes.values.size(0), codes.width}).scatter_add(1, codes.indices.to(at::kLong), codes.values);
}

/// Zeros all but the k largest positive entries; by a stable sort the lower index wins a tie.
at::Tensor plain_top_k(const at::Tensor& x, int64_t k) {
  const auto order = std::get<1>(at::sort(x, /*stable=*/true, 1, /*descending=*/true)).narrow(1, 0, k);
  return at::zeros_like(x).scatter(1, order, x.relu().gather(1, order));
}

/// The same where no two entries are equal, and fast on wide rows.
at::Tensor plain_top_k_without_ties(const at::Tensor& x, int64_t k) {
  const auto [values, order] = at::topk(x, k, 1);
  return at::zeros_like(x).scatter(1, order, values.relu());
}

double relative(const at::Tensor& got, const at::Tensor& expected) {
  return ((got.to(at::kDouble) - expected.to(at::kDouble)).norm() / expected.to(at::kDouble).norm()).item<double>();
}

TEST(TopK, AgreesWithAStableSort) {
  for (const auto& [width, k] : {std::pair{1024, 32}, {1000, 8}, {4099, 1}, {40, 40}, {64, 16}, {16384, 4}}) {
    const auto x = normals({37, width}, "topk");
    EXPECT_TRUE(dense(top_k(x, k, 0)).equal(plain_top_k(x, k))) << width << " " << k;
  }
}

TEST(TopK, TheLowerIndexWinsATieAndIndicesAscend) {
  const auto x = (normals({50, 777}, "ties") * 2).round();  // a dozen distinct values
  const auto codes = top_k(x, 20, 0);
  EXPECT_TRUE(dense(codes).equal(plain_top_k(x, 20)));
  EXPECT_TRUE((codes.indices.narrow(1, 1, 19) > codes.indices.narrow(1, 0, 19)).all().item<bool>());
}

TEST(TopK, NanNeverWinsAndEmptyPlacesAreZero) {
  auto x = at::full({2, 640}, -1.0f);
  x[0].fill_(NAN);
  x[0][5] = 3.0f;
  x[1][639] = 2.0f;
  const auto codes = top_k(x, 4, 0);
  EXPECT_EQ(codes.values.sum().item<float>(), 5.0f);
  EXPECT_EQ(codes.indices[0].sum().item<int64_t>(), 5);
  EXPECT_EQ(codes.indices[1].sum().item<int64_t>(), 639);
}

TEST(TopK, WithoutAFloorNegativesCompeteToo) {
  const auto x = normals({9, 100}, "negative") - 10;
  EXPECT_TRUE(top_k(x, 1).indices.squeeze(1).equal(x.argmax(1).to(at::kInt)));
}

TEST(EncodeTopK, TilesAndCompetitionsAgreeWithThePlainFormula) {
  const int64_t rows = 450, width = 20'000, d = 6;  // several tiles
  const auto x = normals({rows, d}, "x"), w = normals({width, d}, "w"), b = normals({width}, "b");
  const auto among = at::arange(3, width, 70, at::kInt);
  const Competition competitions[] = {{12}, {30, among}};
  const auto codes = encode_top_k(x, w, b, competitions);
  const auto pre = at::addmm(b, x, w.t());
  EXPECT_LT(relative(dense(codes[0]), plain_top_k_without_ties(pre, 12)), 1e-6);
  const auto few = plain_top_k_without_ties(pre.index_select(1, among), 30);
  EXPECT_LT(relative(dense(codes[1]), at::zeros_like(pre).index_copy(1, among.to(at::kLong), few)), 1e-6);
}

TEST(SparseDecode, AgreesWithADenseProduct) {
  const auto w_dec = normals({50, 33}, "w_dec"), b_dec = normals({33}, "b_dec");
  const auto codes = top_k(normals({20, 50}, "codes"), 6, 0);
  EXPECT_LT(relative(sparse_decode(codes, w_dec, b_dec), dense(codes).mm(w_dec) + b_dec), 1e-6);
}

TEST(SparseDecode, RefusesIndicesOutsideTheWidth) {
  const auto w_dec = normals({5, 3}, "w_dec");
  for (const int bad : {-1, 5}) {
    const Codes codes{at::ones({1, 1}), at::full({1, 1}, bad, at::kInt), 5};
    EXPECT_THROW(sparse_decode(codes, w_dec, at::zeros({3})), Error);
  }
}

/// The loss of two terms written with plain ops in float64, and its gradients by autograd: the reference of the kernels.
struct Reference {
  at::Tensor encoder, decoder, bias;

  Reference(const at::Tensor& x, const at::Tensor& w, const at::Tensor& b, const at::Tensor& w_dec, const at::Tensor& b_dec,
            const Codes& main, const Codes& aux, double scale) {
    encoder = w.to(at::kDouble).requires_grad_();
    decoder = w_dec.to(at::kDouble).requires_grad_();
    bias = b.to(at::kDouble).requires_grad_();
    const auto input = x.to(at::kDouble) - b_dec.to(at::kDouble);
    const auto pre = at::addmm(bias, input, encoder.t());
    const auto f = pre.relu() * (dense(main) != 0), f_aux = pre.relu() * (dense(aux) != 0);
    const auto error = x.to(at::kDouble) - f.mm(decoder) - b_dec.to(at::kDouble);
    const auto loss = error.square().sum() / 2 + (f_aux.mm(decoder) - error.detach()).square().sum() * (scale / 2);
    loss.backward();
  }
};

TEST(SparseBackward, AgreesWithAutogradOfThePlainLoss) {
  const int64_t rows = 60, width = 200, d = 24;
  const auto x = normals({rows, d}, "x"), w = normals({width, d}, "w"), b = normals({width}, "b"),
             b_dec = normals({d}, "c");
  const auto w_dec = unit_rows(normals({width, d}, "w_dec"));
  const double scale = 0.3;
  const auto input = x - b_dec;
  const Competition competitions[] = {{9}, {20, at::arange(0, width, 3, at::kInt)}};
  const auto codes = encode_top_k(input, w, b, competitions);
  const auto main = pull(codes[0], w_dec, b_dec, x), aux = pull(codes[1], w_dec, at::zeros({d}), -main.error);
  SparseGradients got(width, d);
  const LossTerm terms[] = {{codes[0], main, 1.0}, {codes[1], aux, scale}};
  sparse_backward(terms, input, w_dec, got);

  const Reference expected(x, w, b, w_dec, b_dec, codes[0], codes[1], scale);
  const auto unit = w_dec.to(at::kDouble), g = expected.decoder.grad();
  const auto across = g - (g * unit).sum(1, true) * unit;
  EXPECT_LT(relative(got.encoder, expected.encoder.grad()), 1e-5);
  EXPECT_LT(relative(got.bias, expected.bias.grad()), 1e-5);
  EXPECT_LT(relative(got.decoder, across), 1e-5);
  const double squares = got.encoder.square().sum().item<double>() + got.decoder.square().sum().item<double>() +
                         got.bias.square().sum().item<double>();
  EXPECT_NEAR(got.squares / squares, 1, 1e-5);
}

TEST(SparseBackward, PullsAreTheFiniteDifferencesOfTheLoss) {
  const auto w_dec = normals({30, 10}, "w_dec").to(at::kFloat), target = normals({4, 10}, "target"),
             b_dec = normals({10}, "c");
  auto codes = top_k(normals({4, 30}, "codes"), 5, 0);
  const auto pulls = pull(codes, w_dec, b_dec, target).pulls;
  const auto loss = [&] {
    const auto y = dense(codes).to(at::kDouble).mm(w_dec.to(at::kDouble)) + b_dec;
    return (y - target).square().sum().item<double>() / 2;
  };
  for (int64_t r = 0; r < 4; ++r)
    for (int64_t i = 0; i < 5; ++i) {
      float& value = codes.values.data_ptr<float>()[r * 5 + i];
      if (value == 0) continue;
      const float kept = value, h = 0.01f;
      value = kept + h;
      const double above = loss();
      value = kept - h;
      const double difference = (above - loss()) / (2 * h);
      value = kept;
      EXPECT_NEAR(pulls[r][i].item<double>(), difference, 1e-3);
    }
}

TEST(Adam, AgreesWithItsFormulaAndKeepsUnitRows) {
  auto w = unit_rows(normals({6, 40}, "w")), m = at::zeros_like(w), v = at::zeros_like(w);
  auto w64 = w.to(at::kDouble), m64 = m.to(at::kDouble), v64 = v.to(at::kDouble);
  for (int64_t step = 1; step <= 5; ++step) {
    const auto g = normals({6, 40}, "g" + std::to_string(step));
    adam_rows(0.01, 0.5, step, g, m, v, w, true);
    const auto g64 = g.to(at::kDouble) * 0.5;
    m64 = 0.9 * m64 + 0.1 * g64;
    v64 = 0.999 * v64 + 0.001 * g64.square();
    w64 = w64 - 0.01 * (m64 / (1 - std::pow(0.9, step))) / (v64 / (1 - std::pow(0.999, step))).sqrt();
    w64 = w64 / w64.norm(2, 1, true);
  }
  EXPECT_LT(relative(w, w64), 1e-5);
  EXPECT_LT((w.norm(2, 1) - 1).abs().max().item<double>(), 1e-6);
}

}  // namespace
}  // namespace fairfight
