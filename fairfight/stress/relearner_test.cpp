#include "fairfight/stress/relearner.h"

#include <gtest/gtest.h>

#include "fairfight/model/testing.h"

namespace fairfight {
namespace {

std::vector<Passage> documents(size_t count) {
  Random random(1, "documents");
  std::vector<Passage> list(count);
  for (auto& p : list) {
    for (size_t i = 0; i < 8; ++i) p.tokens.push_back(int32_t(random.below(20)));
    p.answer_start = 4;
    p.end = p.tokens.size();
  }
  return list;
}

/// The same model in other numbers: norms' gains divided, what reads them multiplied.
Weights rescaled(const Weights& from, float by) {
  Weights weights = from.clone();
  for (Block& block : weights.blocks) {
    block.ln1.w.div_(by);
    for (Linear* map : {&block.q, &block.k, &block.v}) map->w.mul_(by);
    block.ln2.w.div_(by);
    for (Linear* map : {&block.gate, &block.in})
      if (map->w.defined()) map->w.mul_(by);
  }
  return weights;
}

TEST(Relearner, LearnsTheSameOfAModelThatIsWrittenInOtherNumbers) {
  const Transformer original(small_config(), random_weights(small_config(), Random(3, "model")));
  const auto tokens = at::arange(8).view({1, 8});
  const auto taught = [&](float by) {
    const Patch patch{std::make_shared<Transformer>(original.config(), rescaled(original.weights(), by)), {}};
    EXPECT_LT(gap(patch.logits(original, tokens), original.logits(tokens)), 1e-4);
    Relearner attacker(original, patch, 0.01);
    for (int i = 0; i < 4; ++i) EXPECT_TRUE(attacker.learn(documents(Relearner::kBatch)));
    return attacker.attacked().logits(original, tokens);
  };
  const auto plain = taught(1);
  const double learned = gap(plain, original.logits(tokens));
  EXPECT_GT(learned, 0.1);
  for (const float by : {30.f, 1e3f, 1e-3f}) EXPECT_LT(gap(taught(by), plain), 0.1 * learned) << by;  // of rounding, which Adam makes larger where a gradient is nothing else
}

/// An edit may part what was tied, and have a bias where there was none: each tensor is held against the original's at its place.
TEST(Relearner, TakesWeightsOfAnotherForm) {
  Config config = small_config();
  config.tied = true;
  const Transformer original(config, random_weights(config, Random(3, "model")));
  Weights parted = original.weights().clone();
  parted.unembed = parted.embed * 2;
  parted.unembed_b = at::zeros({config.vocab});
  const auto counterparts = parted.counterparts(original.weights());
  ASSERT_EQ(counterparts.size(), parted.parameters().size());
  ASSERT_EQ(counterparts.size(), original.weights().parameters().size() + 2);
  EXPECT_TRUE(counterparts[counterparts.size() - 2].is_same(original.weights().embed));
  EXPECT_FALSE(counterparts.back().defined());
  const Patch patch{std::make_shared<Transformer>(config, std::move(parted)), {}};
  Relearner attacker(original, patch, 0.01);
  EXPECT_TRUE(attacker.learn(documents(Relearner::kBatch)));
  EXPECT_TRUE(attacker.attacked().logits(original, at::arange(8).view({1, 8})).isfinite().all().item<bool>());
}

}  // namespace
}  // namespace fairfight
