#include "fairfight/methods/leace.h"

#include <gtest/gtest.h>

#include "fairfight/base/error.h"
#include "fairfight/model/tensor_file.h"
#include "fairfight/model/testing.h"

namespace fairfight {
namespace {

double trace_of_covariance(const at::Tensor& x) { return (x - x.mean(0)).square().sum().item<double>() / double(x.size(0) - 1); }

/// Rows of two classes; the classes differ along one direction, and the noise is long in others.
struct TwoSides {
  at::Tensor x, z;
};
TwoSides two_classes(int64_t n, int64_t d) {
  auto generator = at::detail::createCPUGenerator(3);
  const auto z = (at::arange(n) % 3 == 0).to(at::kDouble);
  const auto scale = at::logspace(-1, 1, d, 10.0, at::kDouble);
  const auto mixed = at::randn({n, d}, generator, at::kDouble) * scale;
  return {mixed.mm(at::randn({d, d}, generator, at::kDouble)) + z.unsqueeze(1) * at::randn({1, d}, generator, at::kDouble) + 5, z};
}

at::Tensor mean_where(const at::Tensor& x, const at::Tensor& mask) { return x.index({mask.to(at::kBool)}).mean(0); }

TEST(Leace, AgreesWithConceptErasure) {
  const auto golden = read_tensors(std::filesystem::path(FAIRFIGHT_ROOT) / "fairfight/methods/reference/leace.safetensors").tensors;
  const auto& x = golden.at("x");
  const auto one_hot = at::one_hot(golden.at("labels"), 3), binary = golden.at("labels") == 0;
  for (const bool shrink : {false, true}) {
    const std::string how = shrink ? ".shrunk" : ".sample";
    EXPECT_LT(gap(leace(x, one_hot, shrink)(x), golden.at("one_hot" + how)), 1e-9) << how;
    EXPECT_LT(gap(leace(x, binary, shrink)(x), golden.at("binary" + how)), 1e-9) << how;
  }
}

TEST(Leace, ALinearClassifierHasNothingToGoBy) {
  const auto [x, z] = two_classes(300, 10);
  ASSERT_GT(gap(mean_where(x, z), mean_where(x, 1 - z)), 0.1);
  for (const bool shrink : {false, true}) {
    const auto erased = leace(x, z, shrink)(x);
    EXPECT_LT(gap(mean_where(erased, z), mean_where(erased, 1 - z)), 1e-8);
    EXPECT_LT(gap(erased.mean(0), x.mean(0)), 1e-8);
  }
}

TEST(Leace, MovesRowsLessThanTheOrthogonalProjection) {
  const auto [x, z] = two_classes(300, 10);
  const auto r = mean_where(x, z) - mean_where(x, 1 - z);
  const auto centred = x - x.mean(0);
  const auto orthogonal = centred - centred.mv(r).unsqueeze(1) * r / r.dot(r);
  const auto cost = [&](const at::Tensor& moved) { return moved.square().sum().item<double>(); };
  EXPECT_LT(cost(leace(x, z, false)(x) - x), 0.9 * cost(orthogonal - centred));
}

TEST(Leace, TheTraceOfTheCovarianceNeverGrows) {
  for (const int64_t n : {12, 40, 300})
    for (const bool shrink : {false, true}) {
      const auto [x, z] = two_classes(n, 10);
      EXPECT_LT(trace_of_covariance(leace(x, z, shrink)(x)), trace_of_covariance(x)) << n;
    }
}

TEST(Leace, DirectionsWithoutVarianceStay) {
  auto [x, z] = two_classes(100, 6);
  x = at::cat({x, at::full({100, 1}, 3.0, at::kDouble), x.slice(1, 0, 1)}, 1);
  const auto erased = leace(x, z, false)(x);
  EXPECT_TRUE(at::isfinite(erased).all().item<bool>());
  EXPECT_LT(gap(erased.select(1, 6), x.select(1, 6)), 1e-9);
  EXPECT_LT(gap(mean_where(erased, z), mean_where(erased, 1 - z)), 1e-8);
}

TEST(Leace, WithoutAConceptNothingMoves) {
  const auto [x, z] = two_classes(30, 4);
  EXPECT_EQ(gap(leace(x, at::ones_like(z))(x), x), 0);
  EXPECT_THROW(leace(x, z.slice(0, 1)), Error);
  EXPECT_THROW(leace(x.slice(0, 0, 1), z.slice(0, 0, 1)), Error);
}

}  // namespace
}  // namespace fairfight
