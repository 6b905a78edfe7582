#include "fairfight/dict/trainer.h"

#include <gtest/gtest.h>

#include <cmath>

#include "fairfight/base/error.h"
#include "fairfight/base/stop.h"
#include "fairfight/base/testing.h"
#include "fairfight/model/tensor_file.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

/// Rows made of `active` of `features` random directions with positive coefficients, far from the origin, and a little
/// noise.
at::Tensor sparse_rows(int64_t rows, int64_t d, int64_t features, int64_t active, at::Tensor* directions = nullptr) {
  const auto truth = random_unit_rows(features, d, Random(1, "truth"));
  if (directions) *directions = truth;
  Random random(2, "rows");
  auto f = at::zeros({rows, features});
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t i = 0; i < active; ++i)
      f.data_ptr<float>()[r * features + int64_t(random.below(size_t(features)))] = float(1 + random.uniform());
  auto noise = random_unit_rows(rows, d, Random(3, "noise"));
  return 5 * (f.mm(truth) + 0.05 * noise) + 3;
}

DictionarySettings small() {
  DictionarySettings s;
  s.width = 64;
  s.k = 3;
  s.batch = 256;
  s.tokens = 256 * 60;
  s.lr = 3e-3;
  s.dead_after_tokens = 256 * 10;
  s.seed = 5;
  return s;
}

void expect_same(const TopKWeights& a, const TopKWeights& b) {
  EXPECT_TRUE(a.encoder.equal(b.encoder));
  EXPECT_TRUE(a.bias.equal(b.bias));
  EXPECT_TRUE(a.decoder.equal(b.decoder));
  EXPECT_TRUE(a.b_dec.equal(b.b_dec));
}

TEST(GeometricMedian, IsNotMovedByAnOutlier) {
  auto x = at::zeros({101, 2});
  x.narrow(0, 0, 100).copy_(random_unit_rows(100, 2, Random(1, "median")) * 0.1);
  x[100].fill_(1e4);
  EXPECT_LT(geometric_median(x).abs().max().item<double>(), 0.05);
}

TEST(TopKTrainer, FindsThePlantedDirections) {
  at::Tensor truth;
  const MemoryRows rows(sparse_rows(8192, 32, 48, 3, &truth), 1);
  auto s = small();
  s.tokens = 256 * 1200;
  const auto w = train_top_k(rows, s);
  const auto best = std::get<0>(truth.mm(w.decoder.t()).max(1));
  EXPECT_GT((best > 0.9).to(at::kFloat).mean().item<double>(), 0.8);
  const auto& x = rows.all();
  const auto codes = encode_top_k(x - w.b_dec, w.encoder, w.bias, {s.k});
  const auto error = (x - sparse_decode(codes, w.decoder, w.b_dec)).square().sum().item<double>();
  EXPECT_LT(error / (x - x.mean(0)).square().sum().item<double>(), 0.15);
}

TEST(TopKTrainer, WeightsWorkOnRawRowsAndAtomsHaveUnitNorm) {
  const MemoryRows rows(sparse_rows(2048, 32, 48, 3), 1);
  DictionarySettings s = small();
  TopKTrainer trainer(rows, s);
  for (int i = 0; i < 20; ++i) trainer.step();
  const auto w = trainer.weights();
  EXPECT_LT((w.decoder.norm(2, 1) - 1).abs().max().item<double>(), 1e-5);
  const auto x = rows.batch(20, s.batch);
  const auto codes = encode_top_k(x - w.b_dec, w.encoder, w.bias, {s.k});
  const auto error = x - sparse_decode(codes, w.decoder, w.b_dec);
  const auto first = rows.batch(0, s.batch);  // the first batch sets the scale
  const double by_hand = (error.square().mean() / first.square().mean()).item<double>();
  EXPECT_NEAR(trainer.step().loss / by_hand, 1, 1e-4);
}

/// One step of the trainer against the same loss written with plain ops: the only check of how its parts fit together.
TEST(TopKTrainer, AStepFollowsTheGradientOfThePlainLoss) {
  const MemoryRows rows(sparse_rows(2048, 16, 48, 3), 1);
  auto s = small();
  s.k = 2;
  s.batch = 16;  // 32 firings among 64 latents: after a step, many are dead
  s.aux_k = 6;
  s.dead_after_tokens = 1;
  TopKTrainer trainer(rows, s);
  trainer.step();
  const auto report = trainer.step();
  EXPECT_GT(report.dead, 6);
  EXPECT_GT(report.auxiliary, 0);

  const ScratchFolder folder;
  trainer.save(folder / "t");
  auto before = read_tensors(folder / "t").tensors;
  trainer.step();
  trainer.save(folder / "t");
  const auto after = read_tensors(folder / "t").tensors;

  const auto leaf = [&](const char* name) { return before.at(name).to(at::kDouble).requires_grad_(); };
  const auto encoder = leaf("encoder"), bias = leaf("bias"), decoder = leaf("decoder"), b_dec = leaf("b_dec");
  const auto x = rows.batch(2, s.batch).to(at::kDouble) * before.at("scale");
  const auto pre = at::addmm(bias, x - b_dec, encoder.t()).relu();
  const auto top = [](const at::Tensor& p, int64_t k) {
    const auto [values, indices] = at::topk(p, k, 1);
    return at::zeros_like(p).scatter(1, indices, values);
  };
  const auto error = x - top(pre, s.k).mm(decoder) - b_dec;
  const auto dead = (before.at("silent") >= 1).to(at::kDouble);
  const auto residual = error.detach();
  const auto rebuilt = top(pre * dead, s.aux_k).mm(decoder);
  const auto loss = error.square().mean() +
                    (rebuilt - residual).square().sum() / (residual - residual.mean(0)).square().sum() * s.aux_coefficient;
  loss.backward();
  auto g = decoder.grad();
  g = g - (g * decoder.detach()).sum(1, true) * decoder.detach();
  const auto squares =
      encoder.grad().square().sum() + bias.grad().square().sum() + b_dec.grad().square().sum() + g.square().sum();
  const double clip = std::min(1.0, 1 / squares.sqrt().item<double>());
  for (const auto& [name, gradient] :
       {std::pair{"encoder", encoder.grad()}, {"bias", bias.grad()}, {"b_dec", b_dec.grad()}, {"decoder", g}}) {
    const std::string first = std::string(name) + ".first";
    const auto applied = (after.at(first).to(at::kDouble) - 0.9 * before.at(first).to(at::kDouble)) / 0.1;
    EXPECT_LT(((applied - gradient * clip).norm() / (gradient * clip).norm()).item<double>(), 1e-3) << name;
  }
}

TEST(TopKTrainer, AuxKWakesDeadLatents) {
  const MemoryRows rows(sparse_rows(8192, 32, 200, 4), 1);
  auto s = small();
  s.k = 2;
  s.width = 512;
  s.tokens = 256 * 600;
  s.lr = 3e-2;  // high enough to kill many
  s.dead_after_tokens = 256 * 50;
  const auto dead_at_end = [&](double coefficient) {
    s.aux_coefficient = coefficient;
    const auto w = train_top_k(rows, s);
    const auto codes = encode_top_k(rows.all() - w.b_dec, w.encoder, w.bias, {s.k});
    const auto fired = at::zeros({s.width}).index_put({codes.indices.to(at::kLong)}, codes.values, /*accumulate=*/true);
    return (fired == 0).sum().item<int64_t>();
  };
  const auto without = dead_at_end(0), with = dead_at_end(1. / 32);
  EXPECT_GT(without, 100);
  EXPECT_LT(with, without * 2 / 3);
}

TEST(TopKTrainer, AResumedRunIsBitIdentical) {
  const MemoryRows rows(sparse_rows(3000, 32, 48, 3), 1);
  const auto s = small();
  const auto whole = train_top_k(rows, s);
  const ScratchFolder folder;
  TopKTrainer first(rows, s);
  while (first.steps_done() < 25) first.step();
  first.save(folder / "checkpoint");
  expect_same(train_top_k(rows, s, no_tick, {folder / "checkpoint"}), whole);
}

TEST(TopKTrainer, RefusesACheckpointOfAnotherRun) {
  const MemoryRows rows(sparse_rows(3000, 32, 48, 3), 1);
  const ScratchFolder folder;
  auto s = small();
  TopKTrainer(rows, s).save(folder / "checkpoint");
  s.k = 4;
  EXPECT_THROW(train_top_k(rows, s, no_tick, {folder / "checkpoint"}), Error);
}

TEST(TopKTrainerDeathTest, AStopIsAnsweredAfterASave) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // in a process of its own: a stop cannot be taken back
  const auto stopped_run = [] {
    const ScratchFolder folder;
    request_stop();
    try {
      train_top_k(MemoryRows(sparse_rows(600, 32, 48, 3), 1), small(), no_tick, {folder / "checkpoint"});
    } catch (const Interrupted&) {
      std::exit(read_tensors(folder / "checkpoint").tensors.at("step").item<int64_t>() == 1 ? 7 : 1);
    }
  };
  EXPECT_EXIT(stopped_run(), testing::ExitedWithCode(7), "");
}

TEST(TopKTrainer, NanEndsTheRunInOneLineAndLeavesTheCheckpoint) {
  auto x = sparse_rows(3000, 32, 48, 3);
  const auto s = small();
  x[shuffled_rows(3000, 1, 7, s.batch)[0]][3] = NAN;  // first met in step 7
  const MemoryRows rows(x, 1);
  const ScratchFolder folder;
  try {
    train_top_k(rows, s, no_tick, {folder / "checkpoint", 5});
    FAIL() << "trained on NaN";
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("step 7"), std::string::npos) << e.what();
    EXPECT_EQ(std::string(e.what()).find('\n'), std::string::npos);
  }
  EXPECT_EQ(read_tensors(folder / "checkpoint").tensors.at("step").item<int64_t>(), 5);
}

}  // namespace
}  // namespace fairfight
