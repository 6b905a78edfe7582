#include "fairfight/dict/kinds.h"

#include <gtest/gtest.h>

#include "fairfight/base/error.h"
#include "fairfight/base/testing.h"
#include "fairfight/dict/file.h"
#include "fairfight/dict/metrics.h"
#include "fairfight/model/tensor_file.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

constexpr int64_t kDim = 24;

/// Rows around a point far from 0: three of 40 directions each, with a little noise.
at::Tensor planted(int64_t n) {
  const auto truth = random_unit_rows(40, kDim, Random(1, "truth"));
  auto f = at::zeros({n, 40});
  Random random(2, "rows");
  for (int64_t r = 0; r < n; ++r)
    for (int i = 0; i < 3; ++i) f.data_ptr<float>()[r * 40 + int64_t(random.below(40))] = float(1 + random.uniform());
  return f.mm(truth) + 0.05 * random_unit_rows(n, kDim, Random(3, "noise")) + 2;
}

DictionarySettings settings(const std::string& kind) {
  DictionarySettings s;
  s.kind = kind;
  s.width = kind == "pca" ? kDim : 48;
  s.k = 4;
  s.batch = 256;
  s.tokens = 256 * 200;
  s.lr = 3e-3;
  s.seed = 3;
  return s;
}

class EveryKind : public testing::TestWithParam<std::string> {
 protected:
  MemoryRows rows{planted(2000), 1};
  std::unique_ptr<Dictionary> dictionary = learn(rows, settings(GetParam()));
  at::Tensor x = rows.all().narrow(0, 0, 300);
};

TEST_P(EveryKind, ReconstructsBetterThanTheMeanAlone) {
  const auto quality = measure_reconstruction(*dictionary, rows, 2000);
  EXPECT_LT(quality.fvu, 0.95);
  EXPECT_EQ(dictionary->kind(), GetParam());
  EXPECT_EQ(dictionary->d_model(), kDim);
}

TEST_P(EveryKind, CodesAreWellFormed) {
  const Codes codes = dictionary->encode(x);
  EXPECT_EQ(codes.width, dictionary->width());
  EXPECT_EQ(codes.indices.scalar_type(), at::kInt);
  EXPECT_GE(codes.indices.min().item<int>(), 0);
  EXPECT_LT(codes.indices.max().item<int>(), codes.width);
  EXPECT_EQ(codes.indices.masked_select(codes.values == 0).sum().item<int64_t>(), 0);
}

TEST_P(EveryKind, PreactivationsOfSomeLatentsAreThoseAmongAll) {
  const auto all = dictionary->preactivations(x), some = at::tensor({3, 0, 3}, at::kLong);
  EXPECT_EQ(all.sizes(), (at::IntArrayRef{300, dictionary->width()}));
  EXPECT_TRUE(dictionary->preactivations(x, some).allclose(all.index_select(1, some), 1e-4, 1e-5));
}

TEST_P(EveryKind, AtomsAreOfUnitNorm) {
  EXPECT_LT((dictionary->w_dec().norm(2, 1) - 1).abs().max().item<double>(), 1e-5);
}

TEST_P(EveryKind, ARowIsEncodedAsAlone) {
  const auto together = dictionary->reconstruct(x), alone = dictionary->reconstruct(x.narrow(0, 7, 1));
  EXPECT_TRUE(together.narrow(0, 7, 1).allclose(alone, 1e-4, 1e-5));
}

TEST_P(EveryKind, LearnsTheSameTwice) {
  const auto again = learn(rows, settings(GetParam()))->tensors();
  for (const auto& [name, tensor] : dictionary->tensors()) EXPECT_TRUE(tensor.equal(again.at(name))) << name;
}

TEST_P(EveryKind, ComesBackFromItsFile) {
  const ScratchFolder folder;
  const DictionaryNote note{"blocks.1.hook_resid_post", "abc", settings(GetParam())};
  save_dictionary(folder / "d", *dictionary, note);
  const auto back = load_dictionary(folder / "d", note);
  EXPECT_EQ(back->kind(), GetParam());
  EXPECT_TRUE(back->reconstruct(x).equal(dictionary->reconstruct(x)));
}

TEST_P(EveryKind, CountsItsCost) {
  auto s = settings(GetParam());
  const double once = learning_flops(s, kDim, 2000);
  EXPECT_GT(once, 0);
  EXPECT_GT(learning_flops(s, 2 * kDim, 2000), 1.5 * once);
}

/// What AuxK does in a run, by the dead latents that each step reports; and what was foreseen for it.
std::pair<double, double> done_and_foreseen(DictionarySettings s) {
  const MemoryRows rows(planted(2000), 1);
  TopKTrainer trainer(rows, s);
  double done = 0;
  while (trainer.steps_done() < s.steps()) done += double(std::min(trainer.step().dead, s.aux_places(kDim)) * s.batch * 8 * kDim);
  const double with = learning_flops(s, kDim, 2000);
  s.aux_coefficient = 0;
  return {done, with - learning_flops(s, kDim, 2000)};
}

TEST(TopK, BooksTheMostThatAuxKCanTake) {
  auto s = settings("topk");
  s.width = 200;
  s.k = 1;
  s.tokens = 256 * 40;
  s.dead_after_tokens = 256 * 4 + 1;
  s.aux_k = 1;
  const auto [always_one, one] = done_and_foreseen(s);  // with k 1 there is always one that is dead
  EXPECT_EQ(always_one, one);
  EXPECT_EQ(one, double((40 - 5) * 256 * 8 * kDim));
  s.aux_k = 0;  // up to d_model / 2
  s.k = 3;
  s.dead_after_tokens = 257;
  const auto [fewer, most] = done_and_foreseen(s);
  EXPECT_GT(fewer, 0);
  EXPECT_LT(fewer, most);
  s.dead_after_tokens = s.tokens;
  EXPECT_EQ(done_and_foreseen(s), std::pair(0.0, 0.0));
}

INSTANTIATE_TEST_SUITE_P(Kinds, EveryKind, testing::Values("topk", "pca", "kmeans", "random", "neurons"),
                         [](const auto& info) { return info.param; });

TEST(Kinds, TheListIsComplete) {
  std::vector<std::string_view> names;
  for (const auto& kind : kinds()) names.push_back(kind.name);
  EXPECT_EQ(names, (std::vector<std::string_view>{"topk", "pca", "kmeans", "random", "neurons"}));
  EXPECT_THROW(kind_by_name("sae"), Error);
}

TEST(Pca, KeepsTheVarianceOfTheLargestEigenvalues) {
  const MemoryRows rows(planted(1000), 1);
  auto s = settings("pca");
  s.width = s.k = 5;
  const auto x = rows.all().to(at::kDouble);
  const auto centered = x - x.mean(0);
  const auto singular = std::get<1>(at::linalg_svd(centered)).square();
  const double kept = (singular.narrow(0, 0, 5).sum() / singular.sum()).item<double>();
  EXPECT_NEAR(measure_reconstruction(*learn(rows, s), rows, 1000).explained_variance(), kept, 1e-4);
}

TEST(Pca, ACodeHasTheAxesThatSayMost) {
  const MemoryRows rows(planted(1000), 1);
  auto s = settings("pca");  // 24 axes, four at a time
  const auto some = learn(rows, s);
  s.k = kDim;
  const auto all = learn(rows, s);
  const auto x = rows.all().narrow(0, 0, 50);
  const auto coefficients = (x - all->b_dec()).mm(all->w_dec().t());
  EXPECT_TRUE(at::equal(some->w_dec(), all->w_dec()));
  EXPECT_TRUE(all->reconstruct(x).allclose(x, 1e-3, 1e-4));
  const Codes codes = some->encode(x);
  const auto largest = std::get<0>(coefficients.abs().topk(4));
  EXPECT_TRUE(std::get<0>(codes.values.abs().sort(1, true)).allclose(largest, 1e-4, 1e-5));
  EXPECT_TRUE(codes.values.allclose(coefficients.gather(1, codes.indices.to(at::kLong)), 1e-4, 1e-5));
  const double four_axes = measure_reconstruction(*learn(rows, [&] {
                             auto few = settings("pca");
                             few.width = few.k = 4;
                             return few;
                           }()),
                                                  rows, 1000)
                               .fvu;
  EXPECT_LT(measure_reconstruction(*some, rows, 1000).fvu, four_axes);
}

TEST(Neurons, KeepTheLargestDifferencesExactly) {
  const MemoryRows rows(planted(1000), 1);
  const auto d = learn(rows, settings("neurons"));
  const auto x = rows.all().narrow(0, 0, 1), y = d->reconstruct(x);
  const auto difference = (x - rows.all().mean(0)).abs()[0], changed = (y - d->b_dec())[0].abs();
  EXPECT_EQ((changed > 0).sum().item<int64_t>(), 4);
  const auto largest = std::get<1>(difference.topk(4));
  EXPECT_TRUE(y[0].index_select(0, largest).allclose(x[0].index_select(0, largest), 1e-5, 1e-6));
}

TEST(Random, MeanL0IsK) {
  const MemoryRows rows(planted(4000), 1);
  auto s = settings("random");
  s.width = 300;
  s.k = 6;
  EXPECT_NEAR(measure_reconstruction(*learn(rows, s), rows, 4000).l0, 6, 0.1);
}

TEST(KMeans, FindsSeparateClusters) {
  const auto centers = random_unit_rows(12, kDim, Random(4, "centers")) * 10;
  const auto x = centers.repeat({100, 1}) + 0.1 * random_unit_rows(1200, kDim, Random(5, "spread"));
  const MemoryRows rows(x.contiguous(), 1);
  auto s = settings("kmeans");
  s.width = 12;
  s.k = 1;
  EXPECT_LT(measure_reconstruction(*learn(rows, s), rows, 1200).fvu, 0.01);
}

TEST(KMeans, NeedsARowForEachCentroid) { EXPECT_THROW(learn(MemoryRows(planted(40), 1), settings("kmeans")), Error); }

TEST(Kinds, NanRowsAreAnError) {
  auto x = planted(500);
  x[3][3] = NAN;
  for (const auto& kind : kinds()) {
    auto s = settings(std::string(kind.name));
    s.tokens = 1000;
    EXPECT_THROW(learn(MemoryRows(x, 1), s), Error) << kind.name;
  }
}

TEST(Encode, RefusesRowsOfAnotherWidth) {
  const auto d = learn(MemoryRows(planted(500), 1), settings("neurons"));
  EXPECT_THROW(d->encode(at::zeros({3, kDim + 1})), Error);
  EXPECT_THROW(d->encode(at::zeros({3, kDim}, at::kDouble)), Error);
}

TEST_P(EveryKind, LeavesSinksAlone) {
  auto rows_with = x.clone();
  rows_with.narrow(0, 7, 2).mul_(1000);
  const auto plain = dictionary->reconstruct(x);
  dictionary->leave_alone_above(10 * x.norm(2, 1).max().item<double>());
  EXPECT_TRUE(dictionary->reconstruct(x).equal(plain));  // text is as it was
  const Codes codes = dictionary->encode(rows_with);
  EXPECT_EQ(codes.values.narrow(0, 7, 2).abs().sum().item<double>(), 0);
  EXPECT_EQ(codes.indices.narrow(0, 7, 2).abs().sum().item<int64_t>(), 0);
  EXPECT_TRUE(dictionary->reconstruct(rows_with).narrow(0, 7, 2).equal(rows_with.narrow(0, 7, 2)));
  const auto back = rebuild(GetParam(), dictionary->tensors());
  EXPECT_EQ(back->most_norm(), dictionary->most_norm());
  auto spoilt = dictionary->tensors();
  spoilt["most_norm"] = at::scalar_tensor(-1, at::kDouble);
  EXPECT_THROW(rebuild(GetParam(), spoilt), Error);
}

TEST_P(EveryKind, WhatItDoesNotReadMakesNoDifference) {
  const auto& reads = kind_by_name(GetParam()).reads;
  const auto read = [&](const char* name) { return std::find(reads.begin(), reads.end(), name) != reads.end(); };
  const auto changed = [&](const char* name, const std::function<void(DictionarySettings&)>& change) {
    auto s = settings(GetParam());
    change(s);
    const auto other = learn(rows, s)->tensors();
    bool same = true;
    for (const auto& [tensor, value] : dictionary->tensors()) same = same && value.sizes() == other.at(tensor).sizes() && value.equal(other.at(tensor));
    EXPECT_EQ(!same, read(name)) << name;
    EXPECT_EQ(error_of([&] { require_read(GetParam(), {name}); }).empty(), read(name));
  };
  changed("width", [](auto& s) { s.width /= 2; });
  changed("k", [](auto& s) { s.k = 3; });
  changed("tokens", [](auto& s) { s.tokens = 1500; });
  changed("lr", [](auto& s) { s.lr /= 2; });
}

TEST(Pca, HasNoMoreAxesThanDimensions) {
  auto s = settings("pca");
  s.width = kDim + 1;
  EXPECT_NE(error_of([&] { learn(MemoryRows(planted(100), 1), s); }).find("at most the 24 dimensions"), std::string::npos);
}

}  // namespace
}  // namespace fairfight
