#include "fairfight/contestants/patch/reference.h"

#include <gtest/gtest.h>

#include "fairfight/base/json.h"
#include "fairfight/contestants/patch/fine_tuned.h"
#include "fairfight/contestants/patch/roster.h"
#include "fairfight/model/engine.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

Json golden() {
  return read_json(std::filesystem::path(FAIRFIGHT_ROOT) / "fairfight/contestants/patch/reference/repairs.json");
}

TEST(RepairReference, TheUntouchedModelIsThatOfTransformers) {
  const RepairOutcome outcome = repair_outcome({});
  EXPECT_NEAR(outcome.rate, golden().at("untouched").at("rate").get<double>(), 1e-5);
  EXPECT_NEAR(outcome.cross_entropy, golden().at("untouched").at("cross_entropy").get<double>(), 1e-5);
}

/// The same minibatches, so every step's loss must be the same; rounding makes trainings part slowly.
TEST(RepairReference, TrainingsAreThoseOfPyTorchStepByStep) {
  const RepairTask& task = repair_task();
  const at::Tensor no_pool;
  const Ground ground{task.model,    Site::parse("blocks.2.hook_resid_post"), no_pool, 0, nullptr, "none", 0, 0, nullptr, 0,
                      &task.examples};
  size_t compared = 0;
  for (const auto& contestant : repairs()) {
    const Json all = golden().at("repairs");
    const auto found = all.find(std::string(contestant->name()));
    if (found == all.end()) continue;
    ++compared;
    const auto* method = dynamic_cast<const FineTuned*>(contestant.get());
    ASSERT_NE(method, nullptr);
    FineTuned::Trained trained;
    side_by_side(1, [&](size_t) {
      Memo model_memo, shared;
      Corner corner(ground, std::string(contestant->name()), contestant->role(), model_memo, shared);
      trained = method->train(corner, Settings(found->at("settings")));
    });
    const auto& [patch, log] = trained;
    const auto losses = found->at("losses").get<std::vector<double>>();
    ASSERT_EQ(log.losses.size(), losses.size());
    for (size_t i = 0; i < losses.size(); ++i)
      EXPECT_NEAR(log.losses[i], losses[i], 0.02 * std::abs(losses[i]) + 1e-4) << contestant->name() << " at step " << i;
    const RepairOutcome outcome = repair_outcome(patch);
    EXPECT_NEAR(outcome.rate, found->at("rate").get<double>(), 0.1 * found->at("rate").get<double>() + 1e-5)
        << contestant->name();
    EXPECT_NEAR(outcome.cross_entropy, found->at("cross_entropy").get<double>(), 1e-3) << contestant->name();
  }
  EXPECT_EQ(compared, golden().at("repairs").size());
}

}  // namespace
}  // namespace fairfight
