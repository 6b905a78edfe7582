#include "fairfight/methods/one_class_svm.h"

#include <gtest/gtest.h>

#include "fairfight/base/error.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

TEST(OneClassSvm, NuBoundsTheShareOutsideAndTheShareThatSupports) {
  const auto x = at::randn({500, 3}, at::detail::createCPUGenerator(1), at::kFloat) + 5;
  for (double nu : {0.02, 0.1, 0.5}) {
    const OneClassSvm svm(x, nu, 0.3);
    const auto decision = svm.decision(x);
    EXPECT_LE(decision.lt(-1e-5).sum().item<double>(), nu * 500) << nu;
    EXPECT_GE(double(svm.support()), nu * 500) << nu;
    EXPECT_LT(svm.decision(at::full({1, 3}, 50.f)).item<double>(), decision.min().item<double>()) << nu;
  }
  EXPECT_THROW(OneClassSvm(x, 0, 1), Error);
  EXPECT_THROW(OneClassSvm(x, 1.5, 1), Error);
}

TEST(OneClassSvm, StandsIdenticalRows) {
  EXPECT_TRUE(OneClassSvm(at::ones({20, 3}), 0.1, 1).decision(at::ones({2, 3})).isfinite().all().item<bool>());
}

}  // namespace
}  // namespace fairfight
