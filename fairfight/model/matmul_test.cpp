#include "fairfight/model/matmul.h"

#include <gtest/gtest.h>

#include "fairfight/model/testing.h"

namespace fairfight {
namespace {

/// Every combination of factors and transposes, into a matrix that is a part of another one.
TEST(Matmul, MultipliesFactorsAsTheyStandInMemory) {
  for (const bool a_turned : {false, true})
    for (const bool b_turned : {false, true}) {
      const Factor a{a_turned ? normal({33, 70}, 1) : normal({70, 33}, 1), a_turned}, b{b_turned ? normal({20, 33}, 2) : normal({33, 20}, 2), b_turned};
      const auto c = normal({70, 50}, 3), product = a.matrix().to(at::kDouble).mm(b.matrix().to(at::kDouble));
      const auto expected = 0.5 * product + 2 * c.narrow(1, 10, 20).to(at::kDouble);
      auto whole = c.clone();
      multiply(a, b, whole.narrow(1, 10, 20), 2, 0.5);
      EXPECT_LT(gap(whole.narrow(1, 10, 20), expected), 1e-4);
      EXPECT_TRUE(whole.narrow(1, 0, 10).equal(c.narrow(1, 0, 10)) && whole.narrow(1, 30, 20).equal(c.narrow(1, 30, 20)));
      EXPECT_LT(gap(multiplied(a, b), product), 1e-4);
    }
}

/// Sums are float32: what is lost is lost in the factors. Only where oneDNN is not at hand is the product rounded, too.
TEST(Matmul, SumsProductsOfBfloat16InFloat32) {
  for (const bool a_turned : {false, true})
    for (const bool b_turned : {false, true})
      for (const int64_t sum : {8, 33, 600}) {
        const auto half = [](const at::Tensor& t) { return t.to(at::kBFloat16); };
        const Factor a{half(a_turned ? normal({sum, 70}, 1) : normal({70, sum}, 1)), a_turned},
            b{half(b_turned ? normal({20, sum}, 2) : normal({sum, 20}, 2)), b_turned};
        const auto product = a.matrix().to(at::kDouble).mm(b.matrix().to(at::kDouble)), c = normal({70, 20}, 3);
        const double most = at::globalContext().hasMKL() ? 0.01 * product.abs().max().item<double>() : 1e-3;
        auto plain = at::full({70, 20}, NAN), added = c.clone();
        multiply(a, b, plain);
        multiply(a, b, added, 2, 0.5);
        EXPECT_LT(gap(plain, product), most) << sum;  // what stood there, a NaN, is not read
        EXPECT_LT(gap(added, 0.5 * product + 2 * c), most) << sum;
      }
}

TEST(Matmul, MultipliesWhatDoesNotLieInRows) {
  const auto one = normal({1, 33}, 1), w = normal({20, 33}, 2), columns = normal({33, 70}, 3);
  EXPECT_LT(gap(multiplied({one.expand({70, 33})}, {w, true}), one.mm(w.t()).expand({70, 20})), 1e-4);
  EXPECT_LT(gap(multiplied({columns.t()}, {w, true}), columns.t().mm(w.t())), 1e-4);
}

/// Few rows and many, short sums and long ones.
TEST(Matmul, MapsRows) {
  for (const auto& [out, in] : {std::pair<int64_t, int64_t>{128, 512}, {7, 600}, {1024, 513}})
    for (const int64_t rows : {0, 1, 15, 16, 300}) {
      const auto x = normal({rows, in}, 1), w = normal({out, in}, 2), y = normal({rows, out}, 3);
      const auto product = x.to(at::kDouble).mm(w.t().to(at::kDouble));
      auto plain = at::full({rows, out}, NAN), added = y.clone();
      map_rows(x, w, plain);
      map_rows(x, w, added, 1);
      if (rows == 0) continue;
      EXPECT_LT(gap(plain, product), 1e-3) << rows;  // what stood there, a NaN, is not read
      EXPECT_LT(gap(added, product + y), 1e-3) << rows;
    }
}

/// What detectors that compare equal rows live on.
TEST(Matmul, ARowsBitsDoNotHangOnItsNeighboursOrTheThreads) {
  if (at::globalContext().hasMKL()) GTEST_SKIP() << "MKL makes no such promise";
  const int threads = at::get_num_threads();
  for (const auto& [out, in] : {std::pair<int64_t, int64_t>{128, 128}, {512, 128}, {128, 512}, {345, 128}, {1024, 128}, {64, 500}, {16, 512}, {2048, 512}, {7, 33}}) {
    const auto x = normal({700, in}, 1), w = normal({out, in}, 2);
    auto all = at::empty({700, out});
    map_rows(x, w, all);
    for (const int used : {1, 2, 3}) {
      at::set_num_threads(used);
      for (const int64_t from : {0, 1, 17, 300})
        for (const int64_t rows : {1, 2, 7, 15, 16, 17, 31, 48, 63, 100, 257, 400}) {
          auto part = at::empty({rows, out});
          map_rows(x.narrow(0, from, rows), w, part);
          ASSERT_TRUE(part.equal(all.narrow(0, from, rows))) << out << " x " << in << ", rows " << from << " + " << rows << ", threads " << used;
        }
    }
    at::set_num_threads(threads);
  }
}

}  // namespace
}  // namespace fairfight
