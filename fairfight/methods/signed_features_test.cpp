#include "fairfight/methods/signed_features.h"

#include <gtest/gtest.h>

#include "fairfight/base/testing.h"
#include "fairfight/dict/kinds.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

constexpr int64_t kRows = 40, kActive = 3, kWidth = 7;

/// Codes of both signs, no latent twice in a row, some of them the filling of a row that has fewer: value 0 at index 0.
Codes codes(uint64_t seed) {
  Random random(seed, "codes");
  Codes c{at::zeros({kRows, kActive}), at::zeros({kRows, kActive}, at::kInt), kWidth};
  for (int64_t r = 0; r < kRows; ++r) {
    std::vector<int32_t> latents{0, 1, 2, 3, 4, 5, 6};
    random.shuffle(std::span(latents));
    for (int64_t i = 0; i < kActive - int64_t(random.below(2)); ++i) {
      c.indices[r][i] = latents[size_t(i)];
      c.values[r][i] = random.normal();
    }
  }
  return c;
}

/// f of the signed feature j in row r, by hand.
double at_hand(const Codes& c, int64_t r, int64_t j) {
  double f = 0;
  for (int64_t i = 0; i < kActive; ++i) {
    const double value = c.values[r][i].item<double>();
    if (c.indices[r][i].item<int64_t>() == j % kWidth) f += j < kWidth ? std::max(value, 0.0) : std::max(-value, 0.0);
  }
  return f;
}

TEST(SignedFeatures, FireOnOneSideEach) {
  const Codes c = codes(1);
  const auto features = at::tensor({9, 0, 2, 7, 5}, at::kLong);  // 2 and 9 are the two sides of one feature
  const auto fired = SignedFeatures::fired(c, features);
  ASSERT_EQ(fired.sizes(), (at::IntArrayRef{kRows, 5}));
  for (int64_t r = 0; r < kRows; ++r)
    for (int64_t i = 0; i < 5; ++i) EXPECT_NEAR(fired[r][i].item<double>(), at_hand(c, r, features[i].item<int64_t>()), 1e-7) << r << " " << i;
  EXPECT_GT(fired.select(1, 0).sum().item<double>(), 0);
  EXPECT_GT(fired.select(1, 2).sum().item<double>(), 0);
}

TEST(SignedFeatures, AtomsOfTheOtherSideAreTurned) {
  const auto generator = at::detail::createCPUGenerator(2);
  auto atoms = at::randn({kWidth, 5}, generator, at::kFloat);
  atoms = atoms / atoms.norm(2, 1, true);
  const auto dictionary = rebuild("pca", {{"W_dec", atoms}, {"b_dec", at::zeros({5})}});
  const auto chosen = SignedFeatures::directions(*dictionary, at::tensor({3, 10, 13}, at::kLong));
  EXPECT_TRUE(chosen[0].equal(dictionary->w_dec()[3]));
  EXPECT_TRUE(chosen[1].equal(-dictionary->w_dec()[3]));
  EXPECT_TRUE(chosen[2].equal(-dictionary->w_dec()[6]));
  for (const int64_t outside : {-1, 14})
    EXPECT_NE(error_of([&] { SignedFeatures::directions(*dictionary, at::tensor({outside}, at::kLong)); }).find("outside [0, 14)"), std::string::npos) << outside;
}

TEST(SignedFeatures, TheCounterSeesWhatALoopSees) {
  FiringCounter counter(kWidth);
  const std::vector<Codes> all{codes(3), codes(4)};
  for (const auto& c : all) counter.add(c);
  ASSERT_EQ(counter.rows(), 2 * kRows);
  for (int64_t j = 0; j < 2 * kWidth; ++j) {
    double fires = 0, sum = 0, square = 0, largest = 0;
    for (const auto& c : all)
      for (int64_t r = 0; r < kRows; ++r) {
        const double f = at_hand(c, r, j);
        fires += f > 0;
        sum += f;
        square += f * f;
        largest = std::max(largest, f);
      }
    EXPECT_DOUBLE_EQ(counter.frequency()[j].item<double>(), fires / (2 * kRows)) << j;
    EXPECT_NEAR(counter.mean()[j].item<double>(), sum / (2 * kRows), 1e-12) << j;
    EXPECT_NEAR(counter.mean_square()[j].item<double>(), square / (2 * kRows), 1e-12) << j;
    EXPECT_EQ(counter.largest()[j].item<double>(), largest) << j;
    EXPECT_GT(fires, 0) << j;
  }
}

TEST(SignedFeatures, ACounterThatSawNothingSaysNothing) {
  const FiringCounter counter(kWidth);
  EXPECT_EQ(counter.frequency().sum().item<double>(), 0);
  EXPECT_EQ(counter.mean_square().numel(), 2 * kWidth);
}

}  // namespace
}  // namespace fairfight
