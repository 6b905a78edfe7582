#include "fairfight/disciplines/repair/fine_tuned.h"

#include <gtest/gtest.h>

#include <cmath>

#include "fairfight/arena/plan.h"
#include "fairfight/base/error.h"
#include "fairfight/base/testing.h"
#include "fairfight/disciplines/repair/parity.h"
#include "fairfight/disciplines/repair/roster.h"
#include "fairfight/model/engine.h"
#include "fairfight/model/flops.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

struct Repaired {
  std::unique_ptr<Patch> patch;
  Work work;
  int64_t labels = 0;
};

Repaired repair(const Contestant<Repair>& contestant, const Json& settings, uint64_t seed = 0) {
  const ParityTask& task = parity_task();
  const at::Tensor no_pool;
  const Ground ground{task.model, {View{Site::parse("blocks.2.hook_resid_post"), no_pool, {}, nullptr, 0, 0}}, "none", seed};
  Repaired trial;
  side_by_side(1, [&](size_t) {  // on one thread, as trials are run
    Memo model_memo, shared;
    Corner<Repair> corner(ground, std::string(contestant.name()), contestant.role(), model_memo, shared, &task.examples, nullptr);
    const Meter meter;
    trial.patch = contestant.prepare(corner, Settings(settings));
    trial.work = meter.work();
    trial.labels = corner.account().labels;
  });
  return trial;
}

const Contestant<Repair>& by_name(std::string_view name) {
  for (const auto& contestant : repairs())
    if (contestant->name() == name) return *contestant;
  fail("no repair {}", name);
}

/// One good setting each, from its space.
const std::map<std::string, Json>& good_settings() {
  static const std::map<std::string, Json> settings{
      {"gradient_ascent", {{"steps", 30}, {"learning_rate", 3e-4}}},
      {"grad_diff", {{"steps", 15}, {"learning_rate", 5e-4}, {"retain", 16}}},
      {"npo", {{"steps", 20}, {"learning_rate", 5e-4}, {"beta", 0.5}, {"retain", 4}}},
      {"simnpo", {{"steps", 20}, {"learning_rate", 5e-4}, {"beta", 4.5}, {"retain", 1}}},
      {"dpo", {{"steps", 15}, {"learning_rate", 1e-3}, {"beta", 0.5}, {"retain", 4}}},
      {"rmu", {{"steps", 40}, {"learning_rate", 5e-3}, {"c", 6}, {"retain", 2}}},
      {"adaptive_rmu", {{"steps", 30}, {"learning_rate", 5e-3}, {"s", 0.5}, {"retain", 10}}},
      {"representation_rerouting", {{"steps", 40}, {"learning_rate", 1e-2}, {"rank", 4}, {"retain", 0.1}}},
      {"refusal_tuning", {{"steps", 20}, {"learning_rate", 1e-3}, {"retain", 1}}},
      {"refusal_lora", {{"steps", 20}, {"learning_rate", 4e-3}, {"rank", 4}, {"retain", 1}}},
  };
  return settings;
}

class AFineTuned : public testing::TestWithParam<std::string> {};

TEST_P(AFineTuned, RemovesTheBehaviourAndLittleElse) {
  const Json& settings = good_settings().at(GetParam());
  const auto& contestant = by_name(GetParam());
  EXPECT_TRUE(contestant.space().has(settings));
  const RepairOutcome before = repair_outcome({});
  const auto [patch, work, labels] = repair(contestant, settings);
  EXPECT_TRUE(patch->hooks.empty());
  for (const auto& w : patch->weights->weights().parameters()) ASSERT_FALSE(w.requires_grad());
  const RepairOutcome after = repair_outcome(*patch);
  EXPECT_GT(1 - after.rate / before.rate, 0.8);
  EXPECT_LT(after.cross_entropy - before.cross_entropy, 0.02);
  for (const auto& [ability, value] : before.abilities) EXPECT_GT(after.abilities.at(ability), 0.94 * value) << ability;
  EXPECT_GT(work.tokens_backward, 0);
  EXPECT_GE(work.tokens_forward, work.tokens_backward);
  EXPECT_EQ(labels, 512);
}

// One of each kind of what moves: everything, some maps, adapters. reference_test.cpp holds all ten against PyTorch.
INSTANTIATE_TEST_SUITE_P(Repairs, AFineTuned, testing::Values("npo", "rmu", "refusal_lora"), [](const auto& info) { return info.param; });

TEST(FineTuned, IsTheSameForASeed) {
  const Json settings{{"steps", 3}, {"learning_rate", 1e-3}, {"rank", 4}, {"retain", 1}};
  const auto weight = [&](uint64_t seed) {
    return repair(by_name("refusal_lora"), settings, seed).patch->weights->weights().blocks[0].q.w;
  };
  EXPECT_TRUE(at::equal(weight(1), weight(1)));
  EXPECT_FALSE(at::equal(weight(1), weight(2)));
}

TEST(FineTuned, LeavesTheModelAlone) {
  const auto before = parity_task().model.weights().clone().parameters();
  for (const char* name : {"gradient_ascent", "rmu", "refusal_lora"}) {
    Json settings = good_settings().at(name);
    settings["steps"] = 2;
    repair(by_name(name), settings);
  }
  const auto after = parity_task().model.weights().parameters();
  for (size_t i = 0; i < before.size(); ++i) EXPECT_TRUE(at::equal(before[i], after[i])) << i;
}

TEST(FineTuned, RmuMovesMlpOutputsUpToTheSiteOnly) {
  Json settings = good_settings().at("rmu");
  settings["steps"] = 2;
  const auto trial = repair(by_name("rmu"), settings);
  const Weights &before = parity_task().model.weights(), &after = trial.patch->weights->weights();
  for (size_t layer = 0; layer < 4; ++layer) {
    EXPECT_EQ(at::equal(before.blocks[layer].out.w, after.blocks[layer].out.w), layer > 2) << layer;
    EXPECT_TRUE(at::equal(before.blocks[layer].in.w, after.blocks[layer].in.w));
  }
  EXPECT_TRUE(at::equal(before.embed, after.embed));
}

/// Passes of the policy alone are forward and backward; NPO adds one of the reference for each; RMU's end at the site.
TEST(FineTuned, PaysForEveryPass) {
  const auto work = [](const char* name) {
    Json settings = good_settings().at(name);
    settings["steps"] = 4;
    return repair(by_name(name), settings).work;
  };
  const Config& config = parity_task().model.config();
  const Work ascent = work("gradient_ascent"), npo = work("npo"), rmu = work("rmu");
  EXPECT_EQ(ascent.tokens_forward, ascent.tokens_backward);
  EXPECT_EQ(npo.tokens_forward, 2 * npo.tokens_backward);
  // 4 steps of 8 answers of 25 to 46 tokens
  EXPECT_GT(ascent.tokens_forward, 4 * 8 * 25);
  EXPECT_LT(ascent.tokens_forward, 4 * 8 * 46);
  // Of the last block, what stands after its attention, and the unembedding see answers alone: less than three whole passes.
  const double whole = forward_flops(config, 1), blocks = forward_flops(config, 1, {Point::resid_post, config.n_layers - 2});
  EXPECT_GT(double(ascent.flops), 3 * blocks * double(ascent.tokens_forward));
  EXPECT_LT(double(ascent.flops), 3.3 * whole * double(ascent.tokens_forward));
  EXPECT_LT(double(npo.flops), 1.1 * 2 * whole * double(npo.tokens_forward));
  // RMU moves the MLP outputs of three blocks: the way back ends at the first of them.
  const double out = double(config.d_model * config.d_mlp), block = double(4 * config.d_model * config.d_model) + 3 * out;
  const double there = forward_flops(config, rmu.tokens_forward, Site::parse("blocks.2.hook_resid_post")), back = 2 * double(rmu.tokens_backward) * (out + 2 * (block + out));
  EXPECT_NEAR(double(rmu.flops) / (there + back), 1.1, 0.12);  // attention and padding besides
}

TEST(FineTuned, AnExplodingTrainingIsStillAPatch) {
  const auto [patch, work, labels] = repair(by_name("gradient_ascent"), {{"steps", 12}, {"learning_rate", 1e30}});
  for (const auto& w : patch->weights->weights().parameters()) EXPECT_TRUE(w.isfinite().all().item<bool>());
  EXPECT_NE(patch->note.find("not finite"), std::string::npos);
  EXPECT_EQ(repair(by_name("gradient_ascent"), {{"steps", 2}, {"learning_rate", 1e-4}}).patch->note, "");
}

TEST(FineTuned, AnswersAreJudgedOnePositionBefore) {
  const auto& harmful = parity_task().examples.harmful;
  const auto judging = judges(harmful);
  EXPECT_EQ(judging.sum().item<int64_t>(), harmful.answer.sum().item<int64_t>());
  EXPECT_TRUE(at::equal(judging.to(at::kLong).argmax(1), harmful.answer_start - 1));
  const Judged some = judged(harmful);
  EXPECT_EQ(some.count(), harmful.answer.sum().item<int64_t>());
  const auto counted = some.targets >= 0;
  EXPECT_TRUE(judging.gather(1, some.positions).masked_select(counted).all().item<bool>());
  EXPECT_TRUE(at::equal(harmful.batch.tokens.gather(1, some.positions + 1).masked_select(counted), some.targets.masked_select(counted)));
  Answers torn = harmful;
  torn.answer_start = harmful.answer_start - 1;
  EXPECT_NE(error_of([&] { judged(torn); }).find("side by side"), std::string::npos);
}

}  // namespace
}  // namespace fairfight
