#include "fairfight/model/step_kernels.h"

#include <gtest/gtest.h>

#include "fairfight/model/testing.h"

namespace fairfight {
namespace {

/// Against the same product in float64, at sizes that fill vectors and that do not, on one thread and on more.
TEST(StepKernels, FewRowsAreALinearMap) {
  const at::NoGradGuard no_grad;
  for (const int64_t in : {1, 15, 16, 31, 32, 33, 100, 768})
    for (const int64_t out : {1, 7, 300})
      for (int64_t rows = 1; rows <= kFewRows; ++rows)
        for (const auto dtype : {at::kFloat, at::kBFloat16}) {
          const auto x = normal({rows, 1, in}, 1), w = normal({out, in}, 2).to(dtype), b = normal({out}, 3);
          const auto plain = at::matmul(x.to(at::kDouble), w.to(at::kDouble).t());
          ASSERT_TRUE(fits_few_rows(w, Precision::float32));
          const auto tolerance = 1e-6 * double(in) + 1e-6;
          EXPECT_LT((few_rows(x, w, b) - plain - b).abs().max().item<double>(), tolerance) << in << " " << out << " " << rows;
          EXPECT_LT((few_rows(x, w, {}) - plain).abs().max().item<double>(), tolerance) << in << " " << out << " " << rows;
        }
}

TEST(StepKernels, OnlyWhatIsMultipliedAsAskedForFits) {
  const auto w = normal({4, 4}, 1);
  EXPECT_TRUE(fits_few_rows(w, Precision::float32));
  EXPECT_FALSE(fits_few_rows(w, Precision::bfloat16));
  EXPECT_FALSE(fits_few_rows(w.slice(1, 0, 2), Precision::float32));
  EXPECT_FALSE(fits_few_rows(w.to(at::kDouble), Precision::float32));
}

TEST(StepKernels, CachedAttentionIsSoftmaxOverWhatATextHas) {
  for (const int64_t d : {3, 16, 40})
    for (const int64_t window : {0, 2})
      for (const double cap : {0.0, 1.5}) {
        const int64_t heads = 4, kv_heads = 2;
        const auto q = normal({3, heads, d}, 1), k = normal({5, 9, kv_heads, d}, 2), v = normal({5, 9, kv_heads, d}, 3);
        const std::vector<int64_t> rows{4, 0, 2}, lengths{1, 9, 6};
        const auto z = cached_attention(q, k, v, rows, lengths, 0.7, window, cap);
        for (int64_t t = 0; t < 3; ++t)
          for (int64_t h = 0; h < heads; ++h) {
            const int64_t to = lengths[size_t(t)], from = window > 0 ? std::max<int64_t>(0, to - window) : 0;
            const auto seen = [&](const at::Tensor& x) { return x[rows[size_t(t)]].slice(0, from, to).select(1, h / 2).to(at::kDouble); };
            auto scores = at::mv(seen(k), q[t][h].to(at::kDouble)) * 0.7;
            if (cap > 0) scores = (scores / cap).tanh() * cap;
            EXPECT_LT((at::mv(seen(v).t(), scores.softmax(0)) - z[t][h]).abs().max().item<double>(), 1e-6) << d << " " << window << " " << cap;
          }
      }
}

TEST(StepKernels, PutLastWritesOnePositionAText) {
  const auto cache = at::zeros({3, 4, 2, 5}), x = normal({2, 2, 5}, 1);
  put_last(x, cache, {2, 0}, {4, 1});
  EXPECT_TRUE(cache[2][3].equal(x[0]));
  EXPECT_TRUE(cache[0][0].equal(x[1]));
  EXPECT_EQ(cache.count_nonzero().item<int64_t>(), 20);
}

}  // namespace
}  // namespace fairfight
