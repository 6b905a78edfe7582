#include "fairfight/dict/curve.h"

#include <gtest/gtest.h>

#include "fairfight/base/testing.h"
#include "fairfight/dict/kinds.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

TEST(Curve, ComparesTwoTenthsBeforeTheRateFalls) {
  Curve curve(100, 80);
  for (int64_t step = 99; step >= 0; --step) curve.add(step, step >= 80 ? 0.1 : step >= 70 ? 1.9
                                                                            : step >= 60   ? 2
                                                                                           : 50);
  EXPECT_NEAR(*curve.fall(), 0.05, 1e-12);
}

TEST(Curve, AShortRunHasNone) {
  Curve curve(9, 8);
  for (int64_t step = 0; step < 9; ++step) curve.add(step, 1);
  EXPECT_FALSE(curve.fall());
}

TEST(Curve, AResumedTrainingTellsTheSame) {
  const MemoryRows rows(random_unit_rows(2000, 16, Random(1, "rows")), 1);
  DictionarySettings s;
  s.width = 32;
  s.k = 3;
  s.batch = 100;
  s.tokens = 100 * s.batch;
  TrainingLog whole, resumed, other;
  learn(rows, s, no_tick, {}, &whole);
  const ScratchFolder folder;
  TopKTrainer first(rows, s);
  while (first.steps_done() < 67) first.step();
  first.save(folder / "checkpoint");
  learn(rows, s, no_tick, {folder / "checkpoint"}, &resumed);
  ASSERT_TRUE(whole.fall && resumed.fall);
  EXPECT_EQ(*whole.fall, *resumed.fall);
  s.kind = "random";
  learn(rows, s, no_tick, {}, &other);
  EXPECT_FALSE(other.fall);
}

TEST(Curve, TellsALongTrainingFromAShortOne) {
  const MemoryRows rows(random_unit_rows(2000, 16, Random(1, "rows")), 1);
  DictionarySettings s;
  s.width = 32;
  s.k = 3;
  s.batch = 100;
  s.lr = 3e-3;
  TrainingLog brief, lasting;
  s.tokens = 60 * s.batch;
  learn(rows, s, no_tick, {}, &brief);
  s.tokens = 4000 * s.batch;
  learn(rows, s, no_tick, {}, &lasting);
  EXPECT_GT(*brief.fall, Curve::kFlat);
  EXPECT_LT(std::abs(*lasting.fall), Curve::kFlat);
}

}  // namespace
}  // namespace fairfight
